package docsite

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/internal/design"
)

func (s *site) serve(w http.ResponseWriter, r *http.Request, status int, shown templ.Component) {
	design.Serve(w, r.WithContext(design.WithRoot(r.Context(), s.base)), status, shown)
}
