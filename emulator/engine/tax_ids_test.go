package engine

import (
	"slices"
	"strings"
	"testing"
)

func TestATaxIDIsVerifiedAsItsTestValueSays(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"000000000": taxIDVerified, "111111111": taxIDUnverified, "222222222": taxIDPending, "DE123456789": taxIDUnavailable,
	} {
		s := openShop(t)
		customer := s.customer("")
		s.events()
		id := s.do(CreateCustomerTaxID{Customer: customer, Type: Some("eu_vat"), Value: Some(value)}).(*TaxID)
		first := taxIDPending
		if want == taxIDUnavailable {
			first = want
		}
		if id.Status != first {
			t.Errorf("%s: at first %s, want %s", value, id.Status, first)
		}
		s.wait(taxIDSeconds)
		story := "customer.tax_id.created"
		if want == taxIDVerified || want == taxIDUnverified {
			story += " customer.tax_id.updated"
		}
		s.do(DeleteCustomerTaxID{Customer: customer, ID: id.ID})
		s.wantEvents(value, story+" customer.tax_id.deleted")
		if len(s.TaxIDsOf(customer)) != 0 || s.refuse(DeleteTaxID{ID: id.ID}).Status != 404 {
			t.Errorf("%s: it is still there", value)
		}
		if got := s.EventsSince(0)[len(s.EventsSince(0))-1].Object.(*TaxID).Status; got != want {
			t.Errorf("%s: in the end %s, want %s", value, got, want)
		}
	}
}

func TestAnInvoiceKeepsTheTaxIDsOfItsFinalization(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.do(CreateCustomer{TaxIDs: Some([]NamedTaxID{{"gb_vat", "GB123456789"}})}).(*Customer).ID
	s.do(CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](1000), Currency: Some("usd")})
	draft := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice)
	added := s.do(CreateTaxID{Owner: Some(TaxIDOwner{Customer: Some(customer), Type: Some("customer")}), Type: Some("us_ein"), Value: Some("12-3456789")}).(*TaxID)
	s.do(FinalizeInvoice{ID: draft.ID})
	s.do(DeleteTaxID{ID: added.ID})
	want := []NamedTaxID{{"gb_vat", "GB123456789"}, {"us_ein", "12-3456789"}}
	if got := s.invoice(draft.ID).CustomerTaxIDs; !slices.Equal(got, want) {
		t.Errorf("the invoice keeps %v, want %v", got, want)
	}
}

func TestTaxIDsAreRefusedByName(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	for param, cmd := range map[string]Command{
		"value":                 CreateCustomerTaxID{Customer: customer, Type: Some("eu_vat"), Value: Some("ZZ1")},
		"tax_id_data[0][value]": CreateCustomer{TaxIDs: Some([]NamedTaxID{{"us_ein", "x"}})},
		"owner[customer]":       CreateTaxID{Owner: Some(TaxIDOwner{Type: Some("customer")}), Type: Some("us_ein"), Value: Some("12-3456789")},
		"owner[type]":           CreateTaxID{Owner: Some(TaxIDOwner{Type: Some("account")}), Type: Some("us_ein"), Value: Some("12-3456789")},
		"id":                    DeleteTaxID{ID: "txi_none"},
		"id ":                   CreateCustomerTaxID{Customer: "cus_none", Type: Some("us_ein"), Value: Some("12-3456789")},
	} {
		if e := s.refuse(cmd); e.Param != strings.TrimSpace(param) {
			t.Errorf("%+v: refused at %q (%v), want %q", cmd, e.Param, e, param)
		}
	}
	for range taxIDsMax {
		s.do(CreateTaxID{Type: Some("us_ein"), Value: Some("12-3456789")})
	}
	s.refuse(CreateTaxID{Type: Some("us_ein"), Value: Some("12-3456789")})
	for kind, want := range map[[2]string]string{{"eu_vat", "EL123456789"}: "GR", {"eu_vat", "000000000"}: "", {"gb_vat", "XI123456789"}: "GB", {"eu_oss_vat", "EU1"}: ""} {
		if got := taxIDCountry(kind[0], kind[1]); got != want {
			t.Errorf("%v is of %q, want %q", kind, got, want)
		}
	}
}
