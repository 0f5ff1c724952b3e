package sim

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// wrongMost is for how long access may differ from what the provider says: the leeway of the catalogue.
func (w *world) wrongMost() time.Duration { return w.catalog.Policy.Leeway }

// truth is the state of somebody's customer as the provider has it now.
func (w *world) truth(customer billing.CustomerID) billing.State {
	w.t.Helper()
	snapshot, err := w.judge.Fetch(context.Background(), customer)
	if err != nil {
		w.t.Fatal(err)
	}
	return snapshot.State(customer).Marked(w.catalog, billing.State{}, snapshot.Record)
}

// watchAccess compares who may use what with what the provider's state gives, and fails when they have differed for too long.
func (w *world) watchAccess() {
	w.t.Helper()
	p := w.alive()
	if p == nil {
		return
	}
	for _, id := range w.people {
		status, err := p.Status(context.Background(), id)
		if err != nil || status.Account.Customer == "" {
			continue // no process is up, or the account has not been made yet: nobody gets in
		}
		now := time.Now()
		should := billing.AccessOf(w.catalog, w.truth(status.Account.Customer), now)
		if should.Level == status.Level && should.Plan == status.Plan {
			delete(w.began, id)
			continue
		}
		if _, known := w.began[id]; !known {
			w.began[id] = now
		}
		if wrong := now.Sub(w.began[id]); wrong > w.wrongMost() {
			w.fail("%s has had %s of %s for %s, and the provider says %s of %s", id, status.Level, status.Plan, wrong, should.Level, should.Plan)
		}
	}
}

// judgeAll compares everything with what the provider says, after all has settled.
func (w *world) judgeAll() {
	w.t.Helper()
	p := w.alive()
	queues, err := p.Queues(context.Background())
	if err != nil || queues != (service.Queues{}) {
		w.fail("something waits or was given up: %+v, %v", queues, err)
	}
	due := map[string]bool{}
	for _, id := range w.people {
		w.judgePerson(p, id, due)
	}
	effects, _, err := p.Effects(context.Background(), service.EffectFilter{}, service.Page{Limit: 500})
	if err != nil {
		w.fail("the outbox: %v", err)
	}
	for _, e := range effects {
		if e.Kind == string(billing.MailEffect) {
			due[e.Key] = true
		}
	}
	w.judgeGoods(p)
	w.judgeMails(due)
	w.judgeNotices(p)
}

func (w *world) judgePerson(p *process, id billing.AccountID, due map[string]bool) {
	w.t.Helper()
	account, err := p.Account(context.Background(), id)
	customers := w.customers(id)
	if billing.CodeOf(err) == billing.NotFound && len(customers) == 0 {
		return // the sign-up failed before anything was committed, and was told so
	}
	if err != nil || len(customers) > 1 {
		w.fail("%s has %d customers: %v", id, len(customers), err)
		return
	}
	truth := w.truth(account.Customer)
	w.judgeRecord(p, id, account.Customer)
	mirror, err := p.store.State(context.Background(), account.Customer)
	if err != nil {
		w.fail("the mirror of %s: %v", id, err)
	}
	if diff := cmp.Diff(truth, mirror, cmpopts.IgnoreFields(billing.State{}, "SyncedAt"), cmpopts.EquateEmpty(), cmp.AllowUnexported()); diff != "" {
		w.fail("the mirror of %s differs from the provider (-provider +mirror):\n%s", id, diff)
	}
	status, err := p.Status(context.Background(), id)
	should := billing.AccessOf(w.catalog, truth, time.Now())
	if err != nil || status.Level != should.Level || status.Plan != should.Plan {
		w.fail("%s has %s of %s (%v), and the provider says %s of %s", id, status.Level, status.Plan, err, should.Level, should.Plan)
	}
	if n := w.catalog.PaidRunning(truth); n > 1 {
		w.fail("%s pays for %d subscriptions", id, n)
	}
	for _, invoice := range truth.Invoices {
		if invoice.Status == billing.InvoicePaid && invoice.AmountPaid.Minor > 0 && !truth.Deleted {
			due["receipt:"+string(invoice.ID)] = true
		}
	}
	w.judgeLicenses(p, id, truth)
}

// untold is what changes without an event: the number of a customer's next invoice, and when an invoice's events were all taken.
var untold = regexp.MustCompile(`"next_invoice_sequence":\d+|"webhooks_delivered_at":(null|\d+)`)

// judgeRecord holds what was charged, given back and disputed, and every object as it was sent, against the provider.
func (w *world) judgeRecord(p *process, id billing.AccountID, customer billing.CustomerID) {
	w.t.Helper()
	truth, err := w.judge.Fetch(context.Background(), customer)
	if err != nil {
		w.t.Fatal(err)
	}
	mirror, err := p.store.Record(context.Background(), customer)
	if err != nil {
		w.fail("the record of %s: %v", id, err)
	}
	mirror.Objects = slices.DeleteFunc(mirror.Objects, func(o billing.Object) bool { // a deleted customer has no methods any more
		return truth.Deleted && o.Kind == billing.PaymentMethodObject
	})
	for _, objects := range [][]billing.Object{truth.Objects, mirror.Objects} {
		for i := range objects {
			objects[i].Raw = untold.ReplaceAllString(objects[i].Raw, "")
		}
	}
	byID := cmpopts.SortSlices(func(a, b any) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
	if diff := cmp.Diff(truth.Record, mirror, byID, cmpopts.EquateEmpty()); diff != "" {
		w.fail("the record of %s differs from the provider (-provider +mirror):\n%s", id, diff)
	}
}

// judgeGoods holds the products and prices against the provider.
func (w *world) judgeGoods(p *process) {
	w.t.Helper()
	mirror, err := p.store.Goods(context.Background(), "")
	if err != nil {
		w.fail("products and prices: %v", err)
	}
	for page, first := (service.GoodsPage{}), true; first || page.Next != ""; first = false {
		if page, err = w.judge.Goods(context.Background(), page.Next); err != nil {
			w.t.Fatal(err)
		}
		for _, product := range page.Products {
			if !slices.Contains(mirror.Products, product) {
				w.fail("the mirror lacks the product %+v: %+v", product, mirror.Products)
			}
		}
		for _, price := range page.Prices {
			if !slices.Contains(mirror.Prices, price) {
				w.fail("the mirror lacks the price %+v: %+v", price, mirror.Prices)
			}
		}
		for _, object := range page.Objects {
			if !slices.Contains(mirror.Objects, object) {
				w.fail("the mirror lacks %+v", object)
			}
		}
	}
}

// judgeLicenses holds every line that was paid for against what is licensed.
func (w *world) judgeLicenses(p *process, id billing.AccountID, truth billing.State) {
	w.t.Helper()
	recorded, err := p.store.LicenseLines(context.Background(), id)
	if err != nil {
		w.fail("the licenses of %s: %v", id, err)
	}
	var want, got []string
	for _, invoice := range truth.Invoices {
		for _, line := range billing.LicenseLines(w.catalog, id, invoice) {
			want = append(want, line.Line)
		}
	}
	for _, line := range recorded {
		got = append(got, line.Line)
	}
	sorted := cmpopts.SortSlices(strings.Compare)
	if diff := cmp.Diff(want, got, sorted, cmpopts.EquateEmpty()); diff != "" {
		w.fail("the licensed lines of %s (-paid +recorded):\n%s", id, diff)
	}
}

// judgeMails holds the mails that are due, by what was paid and by the outbox, against those that left. A mail may leave a second time only where the power went off
// between its leaving and the note of it, and then under the same key, which is its Message-ID.
func (w *world) judgeMails(due map[string]bool) {
	w.t.Helper()
	w.mails.mu.Lock()
	defer w.mails.mu.Unlock()
	again := 0
	for key, times := range w.mails.sent {
		again += times - 1
		delete(due, key)
	}
	if again > w.cuts {
		w.fail("%d mails left again, and the power was cut %d times: %v", again, w.cuts, w.mails.sent)
	}
	for key := range due {
		w.fail("%s never left; these did: %v", key, w.mails.sent)
	}
}
