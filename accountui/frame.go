package accountui

import (
	"embed"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/tongue"
	"github.com/dues-billing/dues/money"
)

//go:embed words/*.tmpl
var wordFiles embed.FS

// spoken are the words of each language.
var spoken = tongue.MustRead(wordFiles)

// How a part of a page is asked for: by a header, from a script, or in the query, from a server.
const (
	partHeader    = "Dues-Fragment"
	partField     = "fragment"
	component     = "component"     // the value of partHeader with which the stylesheet comes along
	leadsHeader   = "Dues-Location" // of an answer to a part: the browser's page is to go there
	languageField = "language"
)

// frame is what all pages share.
type frame struct {
	words     tongue.Words
	Brand     string
	ReturnURL string
	account   billing.Account
	base      string // of the account's page
	public    string // the same, for pages of Stripe to lead back to
	root      string // before a path: nothing on a page; part of a foreign page, our address
	part      bool
	styled    bool // the part brings its stylesheet
	width     design.Width
}

// frame is that of a request.
func (p *pages) frame(r *http.Request, languages ...string) frame {
	f := frame{Brand: p.brand, part: r.Header.Get(partHeader) != "" || r.URL.Query().Get(partField) != "", styled: r.Header.Get(partHeader) == component}
	if f.part {
		f.root = p.service.PublicURL()
	}
	f.speak(r, languages...)
	return f
}

// speak chooses the language: what the query says, else the first that is known of those wanted, else the browser's.
func (f *frame) speak(r *http.Request, wanted ...string) {
	wanted = append([]string{r.URL.Query().Get(languageField)}, wanted...)
	f.words = spoken.For(append(wanted, tongue.Accepted(r.Header.Get("Accept-Language"))...)...)
}

// text is one of the words' texts. A name that is in no file is a bug, which a test of all pages in all languages finds.
func (f frame) text(name string) string { return f.about(name, nil) }

func (f frame) about(name string, of any) string {
	text, err := f.words.Say(name, of)
	if err != nil {
		panic("accountui: " + err.Error())
	}
	return text
}

// titled is a text of a name that may have none, such as a state that Stripe adds, and then is itself.
func (f frame) titled(kind, name string) string {
	if text, err := f.words.Say(kind+"."+name, nil); err == nil {
		return text
	}
	return name
}

func (f frame) day(t time.Time) string {
	text, err := f.words.Day(t)
	if err != nil {
		panic("accountui: " + err.Error())
	}
	return text
}

func (f frame) money(a money.Amount) string { return f.words.Money(a) }

// at is the address of one of the account's pages.
func (f frame) at(page string) string { return f.base + page }

// serve answers with a page, or with the part of it that a foreign page shows.
func (p *pages) serve(w http.ResponseWriter, r *http.Request, f frame, status int, title string, content templ.Component) {
	f.width = widthOf(title)
	if f.part {
		design.Serve(w, r, status, part(f, content))
		return
	}
	design.Serve(w, r, status, whole(f, f.text(title), content))
}

// widthOf is how wide a page of a title is: plans stand side by side, a form is one column.
func widthOf(title string) design.Width {
	switch title {
	case "plans.title", "pricing.title":
		return design.Wide
	case "home.title":
		return design.Regular
	}
	return design.Narrow
}

// lead sends the browser on: to a page of ours, or to one of Stripe, where a script that asked for a part has to take the whole browser.
func (p *pages) lead(w http.ResponseWriter, r *http.Request, f frame, to string, ours bool) {
	if f.part && !ours {
		w.Header().Set(leadsHeader, to)
		design.Serve(w, r, http.StatusOK, part(f, leading(f, to)))
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// allow lets scripts of the application's pages read the answer. No cookie is of any use here, so none is let through.
func (p *pages) allow(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Add("Vary", "Origin")
	h.Add("Vary", partHeader)
	if origin := r.Header.Get("Origin"); p.service.MayFrame(origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", leadsHeader)
	}
}

// preflight answers what a browser asks before a script of another origin may ask for a part.
func (p *pages) preflight(w http.ResponseWriter, r *http.Request) {
	p.allow(w, r)
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", partHeader)
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}
