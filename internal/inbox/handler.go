package inbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/internal/design"
)

// mailPolicy keeps a mail from doing more in our page than it could in a mail program: no script, nothing from outside.
// Its links work, for a click on "Pay now" is what one wants to try.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; " +
	"sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"

// Handler serves the pages /inbox and /inbox/{id}, and /inbox.json for programs. The stylesheet is the caller's to serve
// (design.Assets).
func (b *Box) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /inbox", func(w http.ResponseWriter, r *http.Request) {
		design.Serve(w, r, http.StatusOK, listPage(b.Messages()))
	})
	mux.Handle("GET /inbox/{$}", http.RedirectHandler("/inbox", http.StatusSeeOther))
	mux.HandleFunc("GET /inbox/", func(w http.ResponseWriter, r *http.Request) {
		design.Serve(w, r, http.StatusNotFound, missingPage())
	})
	mux.HandleFunc("GET /inbox/{id}", b.withMessage(func(w http.ResponseWriter, r *http.Request, m Message) {
		design.Serve(w, r, http.StatusOK, messagePage(m, fmt.Sprintf("/inbox/%d/html", m.ID)))
	}))
	mux.HandleFunc("GET /inbox/{id}/html", b.withMessage(serveHTML))
	mux.HandleFunc("GET /inbox.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(b.Messages()) // the reader went away: nobody is left to tell
	})
	return mux
}

func (b *Box) withMessage(serve func(http.ResponseWriter, *http.Request, Message)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		m, found := b.Message(id)
		if err != nil || !found {
			design.Serve(w, r, http.StatusNotFound, missingPage())
			return
		}
		serve(w, r, m)
	}
}

// serveHTML answers with the mail's own HTML, for the frame of its page. Its links open in place of the whole page.
func serveHTML(w http.ResponseWriter, _ *http.Request, m Message) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	fmt.Fprintf(w, "<base target=\"_top\">\n%s", m.HTML)
}

func rows(messages []Message) []design.Row {
	var rows []design.Row
	for _, m := range messages {
		rows = append(rows, design.Row{
			design.Anchor(subject(m), fmt.Sprintf("/inbox/%d", m.ID)), addresses(m.To), date(m),
		})
	}
	return rows
}

func subject(m Message) string {
	if m.Subject == "" {
		return "(no subject)"
	}
	return m.Subject
}

func date(m Message) templ.Component {
	if m.Date.IsZero() {
		return design.Muted("unknown")
	}
	return design.Moment(m.Date)
}
