package engine

import "testing"

func mailedDraft(customer string) CreateInvoice {
	return CreateInvoice{Customer: Some(customer), InvoiceParams: InvoiceParams{CollectionMethod: Some(InvoiceByMail), DaysUntilDue: Some[int64](30)}}
}

func TestAnInvoiceWithoutAnAddressFailsToFinalize(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.do(CreateCustomer{}).(*Customer).ID
	draft := s.do(mailedDraft(customer)).(*Invoice)
	s.events()
	if e := s.refuse(FinalizeInvoice{ID: draft.ID}); e.Status != 400 || e.Type != InvalidRequest {
		t.Errorf("got %v", e)
	}
	s.wantEvents("a finalization fails", "invoice.updated invoice.finalization_failed")
	if got := s.invoice(draft.ID); got.Status != InvoiceDraft || got.finalizationError().Type != InvalidRequest {
		t.Errorf("got %s, %v", got.Status, got.FinalizationError)
	}
	if page, err := s.Query(SearchInvoices{SearchParams{Query: `last_finalization_error_type:"invalid_request_error"`}}); err != nil || len(page.Data) != 1 {
		t.Errorf("found %+v, %v", page, err)
	}
	s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{Email: Some("ada@example.com")}})
	if got := s.do(FinalizeInvoice{ID: draft.ID}).(*Invoice); got.FinalizationError != nil || got.Number == "" {
		t.Errorf("got %+v", got)
	}
	s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{Email: Clear[string]()}})
	auto := mailedDraft(customer)
	auto.AutoAdvance = Some(true)
	waiting := s.do(auto).(*Invoice)
	s.wait(3601)
	if got := s.invoice(waiting.ID); got.Status != InvoiceDraft || got.FinalizationError == nil || got.AutomaticallyFinalizesAt != 0 {
		t.Errorf("by itself it became %s", got.Status)
	}
}

func TestAMailedInvoiceRemindsOfItsDueDate(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(x *Settings) { x.WillBeDueDays = 5 })
	draft := s.do(mailedDraft(s.customer(""))).(*Invoice)
	s.do(CreateInvoiceItem{Customer: Some(draft.Customer), Invoice: Some(draft.ID), Amount: Some[int64](900)})
	s.do(SendInvoice{ID: draft.ID})
	s.events()
	s.wait(25*secondsPerDay - 1)
	s.wantEvents("before the reminder", "")
	s.wait(1)
	s.wantEvents("five days before", "invoice.will_be_due")
	s.wait(5 * secondsPerDay)
	s.wantEvents("when it is due", "invoice.overdue customer.updated")
	second := s.do(mailedDraft(draft.Customer)).(*Invoice)
	s.do(CreateInvoiceItem{Customer: Some(draft.Customer), Invoice: Some(second.ID), Amount: Some[int64](900)})
	s.do(SendInvoice{ID: second.ID})
	s.do(PayInvoice{ID: second.ID, PaidOutOfBand: Some(true)})
	s.events()
	s.wait(40 * secondsPerDay)
	s.wantEvents("nobody is reminded of what is paid", "")
}

func TestADraftTakesWhatItsPaperShows(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	first := s.do(CreateInvoice{Customer: Some(customer), InvoiceParams: InvoiceParams{
		Number: Some("2026-17"), EffectiveAt: Some(s.now - 86400), Issuer: Some(IssuerParams{Type: "self"}),
		Rendering:       Some(RenderingParams{AmountTaxDisplay: Some("exclude_tax"), PDF: Some(RenderingPDFParams{PageSize: Some("a4")})}),
		ShippingDetails: Some(Shipping{Name: "Ada", Address: Address{City: "London"}}),
	}}).(*Invoice)
	got := s.do(FinalizeInvoice{ID: first.ID}).(*Invoice)
	if got.Number != "2026-17" || got.EffectiveAt != s.now-86400 || got.Rendering.PageSize != "a4" || got.ShippingDetails.Name != "Ada" {
		t.Errorf("got %+v", got)
	}
	if next := get[Customer](s, customer).NextInvoiceSequence; next != 1 {
		t.Errorf("a number of its own used up the sequence up to %d", next)
	}
	for param, p := range map[string]InvoiceParams{
		"number":       {Number: Some("2026-17")},
		"issuer[type]": {Issuer: Some(IssuerParams{Type: "account"})},
		"effective_at": {EffectiveAt: Some[int64](-1)},
	} {
		if e := s.refuse(CreateInvoice{Customer: Some(customer), InvoiceParams: p}); e.Param != param {
			t.Errorf("got %v, want a refusal of %s", e, param)
		}
	}
	if e := s.refuse(UpdateInvoice{ID: first.ID, InvoiceParams: InvoiceParams{EffectiveAt: Some(s.now)}}); e.Code != "invoice_not_editable" {
		t.Errorf("got %v", e)
	}
	if e := s.refuse(PayInvoice{ID: first.ID, Forgive: Some(true)}); e.Code != "parameter_unsupported" {
		t.Errorf("got %v", e)
	}
}
