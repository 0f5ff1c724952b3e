package wire

import (
	"slices"
	"testing"
)

func TestChangesStandNewestFirst(t *testing.T) {
	t.Parallel()
	if !slices.IsSortedFunc(changes, func(a, b *change) int {
		switch {
		case a.version > b.version:
			return -1
		case a.version < b.version:
			return 1
		}
		return 0
	}) {
		t.Error("the list of changes is not ordered by version, newest first")
	}
	for _, c := range changes {
		if !knownVersions()[c.version] || c.what == "" {
			t.Errorf("%s (%s): no version of Stripe's, or nothing said", c.version, c.what)
		}
		if len(c.after) > 0 == (c.version <= NativeVersion) {
			t.Errorf("%s (%s): only versions after the native one are applied, only those up to it undone", c.version, c.what)
		}
	}
}

// Every parameter that a change names must lie on an operation of Stripe's, today's or an old one, and be served in every version.
func TestChangesNameOperationsOfStripe(t *testing.T) {
	t.Parallel()
	for _, c := range changes {
		for _, p := range c.params {
			op := stripeSpec().ops[p.op]
			for _, r := range oldRoutes {
				if r.op.method+" "+r.op.path == p.op {
					op = r.op
				}
			}
			if op == nil {
				t.Errorf("%s: Stripe has no %s", c.version, p.op)
				continue
			}
			for version := range knownVersions() {
				if version >= oldestVersion {
					eraOf(version).params(op)
				}
			}
		}
	}
}

func TestParametersBelongToTheirVersion(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ version, op, body, unknown string }{
		{"2024-12-18.acacia", createSubscription, "coupon=x", ""},
		{"2025-03-31.basil", createSubscription, "coupon=x", "coupon"},
		{"2024-12-18.acacia", createSubscription, "billing_mode[type]=classic", "billing_mode"},
		{"2025-06-30.basil", createSubscription, "billing_mode[type]=classic", ""},
		{"2025-08-27.basil", createPromotionCode, "coupon=x", ""},
		{"2025-08-27.basil", createPromotionCode, "promotion[type]=coupon", "promotion"},
		{"2025-09-30.clover", createPromotionCode, "coupon=x", "coupon"},
		{"2024-12-18.acacia", createInvoiceItem, "price=x", ""},
		{"2025-03-31.basil", createInvoiceItem, "unit_amount=5", "unit_amount"},
		{"2024-04-10", createProduct, "features[0][name]=x", "features"},
		{"2023-10-16", createProduct, "features[0][name]=x", ""},
	} {
		form, err := ParseForm(tc.body)
		if err != nil {
			t.Fatal(err)
		}
		got := unknownParams(eraOf(tc.version).params(stripeSpec().ops[tc.op]), form, "")
		if tc.unknown == "" && len(got) > 0 || tc.unknown != "" && !slices.Equal(got, []string{tc.unknown}) {
			t.Errorf("%s %s %s: unknown %q, want %q", tc.version, tc.op, tc.body, got, tc.unknown)
		}
	}
}

func TestOldRequestsAreReadInTheWordsOfToday(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ version, op, body, want string }{
		{"2024-12-18.acacia", createSubscription, "coupon=x", "discounts[0][coupon]=x"},
		{"2024-12-18.acacia", updateSubscription, "promotion_code=x", "discounts[0][promotion_code]=x"},
		{"2024-12-18.acacia", updateSubscription, "coupon=", "discounts="},
		{"2024-12-18.acacia", createInvoiceItem, "price=p&unit_amount=5", "pricing[price]=p&unit_amount_decimal=5"},
		{"2022-11-15", createPromotionCode, "coupon=x", "promotion[coupon]=x&promotion[type]=coupon"},
		{"2022-11-15", createIntent, "amount=5", "amount=5&capture_method=automatic&payment_method_types[0]=card"},
		{"2023-08-16", createIntent, "amount=5", "amount=5&capture_method=automatic"},
		{"2024-06-20", createIntent, "amount=5", "amount=5"},
		{"2020-08-27", createInvoice, "customer=c", "customer=c&pending_invoice_items_behavior=include"},
		{"2025-08-27.basil", createSession, "ui_mode=hosted", "ui_mode=hosted_page"},
	} {
		form, _ := ParseForm(tc.body)
		want, _ := ParseForm(tc.want)
		if err := eraOf(tc.version).modernize(stripeSpec().ops[tc.op], form); err != nil {
			t.Errorf("%s %s %s: %v", tc.version, tc.op, tc.body, err)
		}
		if got := form.Encode(); got != want.Encode() {
			t.Errorf("%s %s %s: got %s, want %s", tc.version, tc.op, tc.body, got, want.Encode())
		}
	}
}
