package docsite

import (
	"io/fs"

	"github.com/dues-billing/dues/internal/design"
)

// Gallery is the kinds of pages, made from the documents themselves.
func Gallery(files fs.FS) []design.Shot {
	s, err := open(files, "/docs")
	if err != nil {
		panic(err) // a document without a title, which a test finds
	}
	return []design.Shot{
		{Name: "docs/home", Component: homePage(homeView{Base: s.base, Groups: s.groups()})},
		{Name: "docs/search", Component: homePage(homeView{Base: s.base, Query: "refund", Found: s.search("refund")})},
		{Name: "docs/search-none", Component: homePage(homeView{Base: s.base, Query: "xylophone"})},
		{Name: "docs/document", Component: documentPage(documentView{page: s.pages["refunds"], Base: s.base, Groups: s.groups()})},
		{Name: "docs/lost", Component: lostPage(s.base)},
	}
}
