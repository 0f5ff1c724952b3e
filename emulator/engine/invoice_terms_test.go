package engine

import (
	"reflect"
	"testing"
)

// Terms that differ in any field at all are not the same, nor are an empty list and none.
func TestTermsAreTheSameInEveryField(t *testing.T) {
	t.Parallel()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[InvoiceTerms]()) {
		var plain, other InvoiceTerms
		field := reflect.ValueOf(&other).Elem().FieldByIndex(f.Index)
		switch field.Kind() {
		case reflect.String:
			field.SetString("x")
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Pointer:
			field.Set(reflect.New(f.Type.Elem()))
		case reflect.Slice:
			field.Set(reflect.MakeSlice(f.Type, 0, 1))
		case reflect.Map:
			field.Set(reflect.MakeMap(f.Type))
		default:
			t.Fatalf("%s is a %s: teach this test to change it", f.Name, field.Kind())
		}
		again := other
		if plain.same(&other) || other.same(&plain) || !other.same(&again) {
			t.Errorf("%s is not compared", f.Name)
		}
		if field.Kind() == reflect.Slice {
			empty := other
			field.Set(reflect.MakeSlice(f.Type, 1, 1))
			if empty.same(&other) {
				t.Errorf("the elements of %s are not compared", f.Name)
			}
		}
	}
}

// The invoices of a subscription whose customer stays the same share their terms, and so do the states that events hold. A change parts them.
func TestRenewalsShareTheirTerms(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
	s.wait(70 * secondsPerDay)
	shared, renewals := map[*InvoiceTerms]int{}, s.tables.invoices.all("subscription", sub.ID)[1:]
	for _, inv := range renewals {
		shared[inv.InvoiceTerms]++
	}
	for _, e := range s.EventsSince(0) {
		if inv, ok := e.Object.(*Invoice); ok && inv.BillingReason != "subscription_create" {
			shared[inv.InvoiceTerms]++
		}
	}
	if len(renewals) < 2 || len(shared) != 1 {
		t.Fatalf("%d renewals have %d different terms", len(renewals), len(shared))
	}
	s.do(UpdateInvoice{ID: renewals[0].ID, InvoiceParams: InvoiceParams{Metadata: Some(map[string]string{"a": "b"})}})
	if got := s.invoice(renewals[0].ID).Metadata["a"]; got != "b" || renewals[1].Metadata["a"] != "" || renewals[0].Metadata["a"] != "" {
		t.Errorf("the change shows as %q in the invoice, %v in the state before and %v in the other one", got, renewals[0].Metadata, renewals[1].Metadata)
	}
}
