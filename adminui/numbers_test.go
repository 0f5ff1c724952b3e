package adminui_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/service"
)

func TestTheNumbersFollowWhatWasBilled(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.signIn()
	o.shows(o.get("/admin/numbers", 200), "Nothing was billed yet")
	o.payer()
	bought, err := o.dues.Upgrade(t.Context(), "ada", service.Upgrade{PriceKey: "premium-monthly", SuccessURL: o.base + "/", CancelURL: o.base + "/"})
	if err != nil || !bought.Changed {
		t.Fatalf("%+v, %v", bought, err)
	}
	o.now = o.now.Add(time.Hour)
	page := o.get("/admin/numbers", 200)
	o.shows(page, "€19.00", "Premium", "What the numbers mean", `id="mean-mrr"`, `href="#mean-churn"`, "100 %")

	files := map[string]string{
		"revenue": "2027-01,eur,19.00,19.00,0.00,0.00,0.00,0.00,1,1,0,0", "plans": "2027-01,eur,premium,19.00",
		"cohorts": "2027-01,1,0,1", "payments": "2027-01,eur,0,0.00,0,0.00",
	}
	for name, last := range files {
		text := o.get("/admin/numbers/"+name+".csv?currency=eur", 200)
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || strings.Join(rows[len(rows)-1], ",") != last {
			t.Errorf("%s: %v, %q ends with %q, want %q", name, err, rows[0], rows[len(rows)-1], last)
		}
	}
	o.get("/admin/numbers/secrets.csv", 404)
	token := csrf.FindStringSubmatch(page)
	o.shows(o.post("/admin/numbers", 200, map[string][]string{"csrf": {token[1]}}), "11:00:00")
}
