package service

import (
	"testing"

	"github.com/dues-billing/dues/billing"
)

// What the provider changes without an event was reported as drift until the object was read again.
func TestWhatChangesWithoutAnEventIsNoDrift(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind     billing.ObjectKind
		was, now string
		drifts   []string
	}{
		"events were taken":  {billing.InvoiceObject, `{"status":"paid","webhooks_delivered_at":null}`, `{"status":"paid","webhooks_delivered_at":1}`, nil},
		"a link was renewed": {billing.ChargeObject, `{"receipt_url":"a"}`, `{"receipt_url":"b"}`, nil},
		"a draft follows its customer": {
			billing.InvoiceObject,
			`{"status":"draft","customer_name":"Ada","starting_balance":0,"amount_due":5,"amount_remaining":5}`,
			`{"status":"draft","customer_name":"Bea","starting_balance":-2,"amount_due":3,"amount_remaining":3}`, nil,
		},
		"a finalized invoice does not": {
			billing.InvoiceObject, `{"status":"open","customer_name":"Ada"}`, `{"status":"open","customer_name":"Bea"}`, []string{"raw.customer_name"},
		},
		"a draft of other words": {billing.InvoiceObject, `{"status":"draft","footer":"a"}`, `{"status":"draft","footer":"b"}`, []string{"raw.footer"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := func(raw string) billing.Record {
				return billing.Record{Objects: []billing.Object{{ID: "x", Kind: c.kind, Raw: raw}}}
			}
			found, err := driftOfRecord(nil, record(c.was), record(c.now))
			if err != nil {
				t.Fatal(err)
			}
			var fields []string
			for _, drift := range found {
				fields = append(fields, drift.Field)
			}
			if len(fields) != len(c.drifts) || len(fields) > 0 && fields[0] != c.drifts[0] {
				t.Errorf("drifts %v, not %v", fields, c.drifts)
			}
		})
	}
}
