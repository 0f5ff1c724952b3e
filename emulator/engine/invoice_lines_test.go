package engine

import "testing"

func amounts(inv *Invoice) []int64 {
	var out []int64
	for _, l := range inv.Lines {
		out = append(out, l.Amount)
	}
	return out
}

func TestLinesOfADraftChangeTheirItems(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	waiting := s.do(CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](700), Currency: Some("usd")}).(*InvoiceItem)
	draft := s.do(CreateInvoice{Customer: Some(customer)}).(*Invoice)
	s.events()
	added := s.do(AddInvoiceLines{Invoice: draft.ID, InvoiceMetadata: Some(map[string]string{"batch": "1"}), Lines: []AddLineParams{
		{ItemParams: ItemParams{Amount: Some[int64](300), Description: Some("Setup")}},
		{ItemParams: ItemParams{
			PriceData: Some(ItemPriceParams{PriceDataParams{Currency: Some("usd"), UnitAmount: Some[int64](250)}, Some(ProductData{Name: Some("Hours")})}),
			Quantity:  Some[int64](4),
		}},
		{InvoiceItem: Some(waiting.ID), ItemParams: ItemParams{Description: Some("Waited")}},
	}}).(*Invoice)
	s.wantEvents("lines are added", "invoiceitem.created product.created invoiceitem.created invoice.updated")
	if got := lines(added); got != "300 Setup | 1000 Hours | 700 Waited" || added.Total != 2000 || added.Metadata["batch"] != "1" {
		t.Errorf("got %s, total %d, metadata %v", got, added.Total, added.Metadata)
	}
	line := s.do(UpdateInvoiceLine{Invoice: draft.ID, Line: added.Lines[1].ID, ItemParams: ItemParams{Quantity: Some[int64](2), Metadata: Some(map[string]string{"a": "b"})}}).(*InvoiceLine)
	item := get[InvoiceItem](s, line.InvoiceItem)
	if line.Amount != 500 || item.Amount != 500 || item.Quantity != 2 || item.Metadata["a"] != "b" || s.invoice(draft.ID).Total != 1500 {
		t.Errorf("got line %+v of item %+v", line, item)
	}
	changed := s.do(UpdateInvoiceLines{Invoice: draft.ID, Lines: []UpdateLineParams{
		{ID: added.Lines[0].ID, ItemParams: ItemParams{Amount: Some[int64](100), Discounts: byCoupon(s.coupon("50", DurationOnce))}},
		{ID: added.Lines[2].ID, ItemParams: ItemParams{Period: Some(PeriodParams{Start: s.now, End: s.now + 60})}},
	}}).(*Invoice)
	if changed.Total != 1250 || changed.Lines[2].Period.End != s.now+60 {
		t.Errorf("got %v, total %d", amounts(changed), changed.Total)
	}
	left := s.do(RemoveInvoiceLines{Invoice: draft.ID, Lines: []RemoveLineParams{
		{ID: added.Lines[0].ID, Behavior: "delete"}, {ID: added.Lines[2].ID, Behavior: "unassign"},
	}}).(*Invoice)
	if got := lines(left); got != "500 Hours" || left.Total != 500 {
		t.Errorf("got %s", got)
	}
	if _, there := Get[InvoiceItem](s.World, added.Lines[0].InvoiceItem); there {
		t.Error("a deleted line left its item behind")
	}
	if get[InvoiceItem](s, waiting.ID).Invoice != "" {
		t.Error("an unassigned line does not wait again")
	}
	s.do(FinalizeInvoice{ID: draft.ID})
	if e := s.refuse(AddInvoiceLines{Invoice: draft.ID, Lines: []AddLineParams{{ItemParams: ItemParams{Amount: Some[int64](1)}}}}); e.Code != "invoice_not_editable" {
		t.Errorf("got %v", e)
	}
}

func TestLinesOfASubscriptionKeepTheirPrice(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, s.price("Pro", 2000))
	s.wait(sub.periodEnd() - s.now)
	draft := s.latest(sub.ID)
	if draft.Status != InvoiceDraft {
		t.Fatalf("the renewal is %s", draft.Status)
	}
	id := draft.Lines[0].ID
	line := s.do(UpdateInvoiceLine{Invoice: draft.ID, Line: id, ItemParams: ItemParams{
		Description: Some("March"), Discounts: byCoupon(s.coupon("25", DurationOnce)), Metadata: Some(map[string]string{"k": "v"}),
	}}).(*InvoiceLine)
	if line.Description != "March" || line.net() != 1500 || s.invoice(draft.ID).Total != 1500 || line.Metadata["k"] != "v" {
		t.Errorf("got %+v", line)
	}
	for name, cmd := range map[string]Command{
		"lines[0][amount]": UpdateInvoiceLines{Invoice: draft.ID, Lines: []UpdateLineParams{{ID: id, ItemParams: ItemParams{Amount: Some[int64](1)}}}},
		"amount":           UpdateInvoiceLine{Invoice: draft.ID, Line: id, ItemParams: ItemParams{Quantity: Some[int64](2)}},
		"lines[0][id]":     RemoveInvoiceLines{Invoice: draft.ID, Lines: []RemoveLineParams{{ID: id, Behavior: "delete"}}},
	} {
		if e := s.refuse(cmd); e.Param != name {
			t.Errorf("got %v, want a refusal of %s", e, name)
		}
	}
}

func TestBadLinesAreRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	other := s.do(CreateInvoiceItem{Customer: Some(s.customer("")), Amount: Some[int64](5), Currency: Some("usd")}).(*InvoiceItem).ID
	euros := s.do(CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](5), Currency: Some("eur")}).(*InvoiceItem).ID
	draft := s.do(CreateInvoice{Customer: Some(customer), Currency: Some("eur")}).(*Invoice)
	s.do(AddInvoiceLines{Invoice: draft.ID, Lines: []AddLineParams{{InvoiceItem: Some(euros)}}})
	recurring := s.price("Pro", 2000, func(c *CreatePrice) { c.Currency = Some("eur") })
	half, _ := ParseDecimal("0.5")
	add := func(p AddLineParams) Command { return AddInvoiceLines{Invoice: draft.ID, Lines: []AddLineParams{p}} }
	for _, tc := range []struct {
		name, param string
		cmd         Command
	}{
		{"an unknown item", "lines[0][invoice_item]", add(AddLineParams{InvoiceItem: Some("ii_nope")})},
		{"another customer's item", "lines[0][invoice_item]", add(AddLineParams{InvoiceItem: Some(other)})},
		{"an item twice", "lines[0][invoice_item]", add(AddLineParams{InvoiceItem: Some(euros)})},
		{"nothing", "lines[0][amount]", add(AddLineParams{})},
		{"a recurring price", "lines[0][pricing][price]", add(AddLineParams{ItemParams: ItemParams{Pricing: Some(PricingParams{Some(recurring)})}})},
		{"half a unit", "lines[0][quantity_decimal]", add(AddLineParams{ItemParams: ItemParams{Amount: Some[int64](1), QuantityDecimal: Some(half)}})},
		{"a period that ends before it begins", "lines[0][period][end]", add(AddLineParams{ItemParams: ItemParams{Amount: Some[int64](1), Period: Some(PeriodParams{2, 1})}})},
		{"an unknown line", "line_item_id", UpdateInvoiceLine{Invoice: draft.ID, Line: "il_nope"}},
		{"an unknown line of many", "lines[0][id]", UpdateInvoiceLines{Invoice: draft.ID, Lines: []UpdateLineParams{{ID: "il_nope"}}}},
		{"a way out that is none", "lines[0][behavior]", RemoveInvoiceLines{Invoice: draft.ID, Lines: []RemoveLineParams{{ID: "il_nope", Behavior: "hide"}}}},
		{"an unknown line to remove", "lines[0][id]", RemoveInvoiceLines{Invoice: draft.ID, Lines: []RemoveLineParams{{ID: "il_nope", Behavior: "delete"}}}},
	} {
		before := s.Digest()
		if e := s.refuse(tc.cmd); e.Param != tc.param {
			t.Errorf("%s: got param %q: %v, want %q", tc.name, e.Param, e, tc.param)
		}
		if s.Digest() != before {
			t.Errorf("%s: left something behind", tc.name)
		}
	}
}
