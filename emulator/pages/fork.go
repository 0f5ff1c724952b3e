package pages

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// A fork holds the objects of its source under the same ids, so the address of a page does not say whose it is. The pages of a fork stand
// below a prefix that names its account: they are the same pages, with links and redirects that stay below it.

// alone is a host of one world.
type alone struct{ world World }

// Worlds implements Host.
func (a alone) Worlds() []World { return []World{a.world} }

// forked serves a page of the account in the prefix.
func (s *site) forked(w http.ResponseWriter, r *http.Request) error {
	account := r.PathValue("account")
	world, ok := find(s.host, func(eng *engine.World) bool { return eng.AccountID() == account })
	if !ok {
		return missing(w, r, "account")
	}
	pages := http.NewServeMux()
	(&site{host: alone{world}}).register(pages)
	prefix := "/w/" + account
	answer := below{w, prefix, http.StatusOK, bytes.Buffer{}}
	http.StripPrefix(prefix, pages).ServeHTTP(&answer, r)
	return answer.send()
}

// below keeps an answer until its links are put below a prefix.
type below struct {
	http.ResponseWriter
	prefix string
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (b *below) WriteHeader(status int) { b.status = status }

// Write implements http.ResponseWriter.
func (b *below) Write(p []byte) (int, error) { return b.body.Write(p) }

func (b *below) send() error {
	header, body := b.Header(), b.body.Bytes()
	if to := header.Get("Location"); strings.HasPrefix(to, "/") {
		header.Set("Location", b.prefix+to)
	}
	if strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		for _, link := range []string{`href="`, `action="`} {
			body = bytes.ReplaceAll(body, []byte(link+"/"), []byte(link+b.prefix+"/"))
		}
		header.Del("Content-Length")
	}
	b.ResponseWriter.WriteHeader(b.status)
	_, err := b.ResponseWriter.Write(body)
	return err
}
