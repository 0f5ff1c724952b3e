// Package docsite serves the documents of a folder as pages: a list by what a reader is after, a search, and each document with links to its parts.
package docsite

import (
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/dues-billing/dues/internal/design"
)

// queryField is what is searched for.
const queryField = "q"

// site is the documents, read once.
type site struct {
	base  string // where it is mounted, such as /docs
	pages map[string]*page
}

// New reads all documents, and returns their pages, to be mounted at base and below it. A document that cannot be read is an error.
func New(files fs.FS, base string) (http.Handler, error) {
	s, err := open(files, base)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base, s.home)
	mux.HandleFunc("GET "+base+"/{$}", s.home)
	mux.Handle("GET "+base+design.Prefix, http.StripPrefix(base, design.Assets()))
	mux.Handle("GET "+base+"/images/", http.StripPrefix(base, http.FileServerFS(files)))
	mux.HandleFunc("GET "+base+"/{name...}", s.document)
	return mux, nil
}

// open reads all documents.
func open(files fs.FS, base string) (*site, error) {
	s := &site{base: base, pages: map[string]*page{}}
	return s, fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".md") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		one, err := s.read(strings.TrimSuffix(path, ".md"), text)
		if err == nil {
			s.pages[one.Name] = one
		}
		return err
	})
}

// home lists all documents, or those that have what is searched for.
func (s *site) home(w http.ResponseWriter, r *http.Request) {
	query := strings.TrimSpace(r.URL.Query().Get(queryField))
	v := homeView{Base: s.base, Query: query}
	if query != "" {
		v.Found = s.search(query)
	} else {
		v.Groups = s.groups()
	}
	s.serve(w, r, http.StatusOK, homePage(v))
}

func (s *site) document(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(r.PathValue("name"), ".md")
	one, ok := s.pages[name]
	if !ok {
		s.serve(w, r, http.StatusNotFound, lostPage(s.base))
		return
	}
	s.serve(w, r, http.StatusOK, documentPage(documentView{page: one, Base: s.base, Groups: s.groups()}))
}

// groups are the documents by what a reader is after; what is in no list is a decision.
func (s *site) groups() (all []group) {
	for _, g := range order {
		shown := group{Title: g.Title}
		for _, name := range g.Names {
			if one, ok := s.pages[name]; ok {
				shown.Pages = append(shown.Pages, one)
			}
		}
		all = append(all, shown)
	}
	decisions := group{Title: "Decisions"}
	for name, one := range s.pages {
		if strings.HasPrefix(name, "adr/") {
			decisions.Pages = append(decisions.Pages, one)
		}
	}
	slices.SortFunc(decisions.Pages, func(a, b *page) int { return strings.Compare(a.Name, b.Name) })
	return append(all, decisions)
}

// order is the documents by what a reader is after.
var order = []struct {
	Title string
	Names []string
}{
	{"Begin", []string{"quickstart", "quickstart-node", "quickstart-python", "quickstart-go", "install", "catalog", "emulator", "testing", "moving", "account-pages", "commands"}},
	{"Sell", []string{
		"changes", "add-ons", "trials", "several-subscriptions", "purchases", "payment-methods", "invoices", "refunds", "pausing", "dunning", "mails", "deleting-accounts",
	}},
	{"Use", []string{"access", "usage", "licenses", "entitlement-tokens", "events", "webhooks"}},
	{"Run", []string{"production-checklist", "admin", "operations", "upgrading", "auth", "retries", "numbers", "stripe-cli", "coverage"}},
	{"Build", []string{"ARCHITECTURE", "scenarios", "mission", "features"}},
}
