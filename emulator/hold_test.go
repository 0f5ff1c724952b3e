package emulator_test

import (
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
)

// Rows: C25.
func TestARenewalWaitsUntilItsWebhookIsTaken(t *testing.T) {
	t.Parallel()
	var wall atomic.Int64
	wall.Store(1_800_000_000)
	path := filepath.Join(t.TempDir(), "journal")
	server := start(t, func(o *emulator.Options) {
		o.Now, o.Journal = func() time.Time { return time.Unix(wall.Load(), 0) }, path
		o.BackOff = []time.Duration{1, 1, 1, time.Hour} // the fifth try is made by hand
	})
	r := newReceiver(t)
	r.refuse = 4
	shop := openShop(t, server, "")
	sub := shop.subscribe(t)
	r.register(t, server, "invoice.created")
	p := plain{t, server, ""}
	latest := func() map[string]any {
		list := p.must("GET", "/v1/invoices?limit=1&subscription="+sub.ID, nil)
		return list["data"].([]any)[0].(map[string]any)
	}
	wall.Store(sub.Items.Data[0].CurrentPeriodEnd)
	if draft := latest(); draft["status"] != "draft" || draft["webhooks_delivered_at"] != nil {
		t.Fatalf("at the renewal: %v, delivered at %v", draft["status"], draft["webhooks_delivered_at"])
	}
	wall.Add(48 * 3600)
	if draft := latest(); draft["status"] != "draft" {
		t.Fatalf("two days without a 2xx: %v", draft["status"])
	}
	list := p.must("GET", "/v1/events?limit=1&type=invoice.created", nil)
	event := list["data"].([]any)[0].(map[string]any)["id"].(string)
	p.must("POST", "/_emulator/api/events/"+event+"/resend", url.Values{})
	r.wait(t, 1)
	for patience := 0; latest()["webhooks_delivered_at"] == nil; patience++ { // the emulator notes the answer that the receiver gave
		if patience > 10_000 {
			t.Fatal("the answer of the endpoint was not noticed")
		}
	}
	journal, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := digest(reopen(t, journal), server.Key); got != digest(server.Emulator, server.Key) {
		t.Error("the journal forgets that the endpoint answered")
	}
	wall.Add(3600)
	if paid := latest(); paid["status"] != string(engine.InvoicePaid) {
		t.Errorf("an hour after the 2xx: %v", paid["status"])
	}
}
