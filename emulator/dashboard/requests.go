package dashboard

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

// requestsMax is how many requests are searched: all that the log holds.
const requestsMax = 500

// requestsView is the log of requests.
type requestsView struct {
	Chrome   chrome
	Refused  bool // only those that were refused
	Requests []wire.LoggedRequest
}

func (v *visit) requests() (templ.Component, error) {
	view := requestsView{Chrome: v.chrome("/requests"), Refused: v.URL.Query().Get("only") == "refused"}
	for _, r := range v.world.Requests(requestsMax) {
		if (!view.Refused || r.Status >= 400) && len(view.Requests) < 2*rowsPage {
			view.Requests = append(view.Requests, r)
		}
	}
	return requestsPage(view), nil
}

// requestView is one request and what came of it.
type requestView struct {
	Chrome  chrome
	Request wire.LoggedRequest
	Curl    string
	Masked  bool // a value that was sent is not in the log
	Events  []eventRow
}

func (v *visit) request() (templ.Component, error) {
	id := v.PathValue("request")
	logged := v.world.Requests(requestsMax)
	at := slices.IndexFunc(logged, func(r wire.LoggedRequest) bool { return r.ID == id })
	if at < 0 {
		return nil, errMissing
	}
	view := requestView{Chrome: v.chrome("/requests"), Request: logged[at]}
	view.Curl, view.Masked = curlOf(v.world.Settings().BaseURL, v.world.Key(), logged[at])
	v.world.Read(func(w *engine.World, _ int64) {
		for e := range w.EventsAfter(0) {
			if e.Request.ID == id {
				view.Events = append(view.Events, rowOf(w, e))
			}
		}
	})
	return requestPage(view), nil
}

// curlOf is a command that makes the request again. The idempotency key is left
// out: with it the answer would be the first one. masked says that a value is
// not what was sent, because the log holds no secret and no long text.
func curlOf(base, key string, r wire.LoggedRequest) (command string, masked bool) {
	var b strings.Builder
	b.WriteString("curl " + quoted(base+r.Path) + " \\\n  -u " + quoted(key+":"))
	if r.Version != "" {
		b.WriteString(" \\\n  -H " + quoted("Stripe-Version: "+r.Version))
	}
	switch {
	case r.Method == "GET" && len(r.Params) > 0:
		b.WriteString(" -G")
	case r.Method == "POST" && len(r.Params) > 0:
	case r.Method != "GET":
		b.WriteString(" \\\n  -X " + r.Method)
	}
	for _, p := range r.Params {
		b.WriteString(" \\\n  -d " + quoted(p.Name+"="+escaped(p.Text)))
		masked = masked || p.Text == "(left out)" || strings.Contains(p.Text, "****") || strings.HasSuffix(p.Text, "…")
	}
	return b.String(), masked
}

// quoted is a text as one word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// escaped keeps what a form would read as something else.
func escaped(text string) string {
	return strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", "\n", "%0A").Replace(text)
}

// refusal is why a request was refused, in a line.
func refusal(r wire.LoggedRequest) string {
	if r.Error == nil {
		return ""
	}
	return cmp.Or(r.Error.Code, r.Error.Type) + ": " + r.Error.Message
}

func took(r wire.LoggedRequest) string { return strconv.FormatInt(r.Milliseconds, 10) + " ms" }
