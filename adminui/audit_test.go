package adminui_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestThePageShowsWhoChangedWhat(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	token := o.signIn()
	o.payer()
	o.post("/admin/accounts/ada/grants", 200, url.Values{"csrf": {token}, "feature": {"export"}})
	page := o.get("/admin/audit", 200)
	o.shows(page, "POST /admin/accounts/{id}/grants", "ada", "export", "Done")
	o.shows(o.get("/admin/audit?by=admin&account=ada&since=2027-01-04", 200), "/grants")
	for _, none := range []string{"?by=user", "?account=bob", "?action=cancel", "?since=2027-01-05"} {
		if page := o.get("/admin/audit"+none, 200); strings.Contains(page, "/grants") {
			t.Errorf("%s shows what was not asked for", none)
		}
	}
	o.shows(o.get("/admin/audit?since=yesterday", 400), "This is no day")
	o.get("/admin/audit?by=nobody", 400)
	o.get("/admin/audit?after=nonsense", 400)
}
