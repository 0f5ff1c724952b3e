package engine

import "slices"

// Usage records: how usage was reported before meters, by requests of versions before basil. They belong to a subscription item, and a
// price says how those of a period become one number.

// How a price aggregates the records of a period.
const (
	AggregateSum        = "sum"
	AggregateMax        = "max"
	AggregateLast       = "last_during_period"
	AggregateLastOfEver = "last_ever"
)

// UsageRecord is what was used of a subscription item at a moment. Several reports for one moment are one record.
type UsageRecord struct {
	ID        string
	Item      string
	Quantity  int64
	Timestamp int64
}

// UsageRecordSummary is the usage of an item in a period, which an invoice bills.
type UsageRecordSummary struct {
	ID      string
	Item    string
	Invoice string // "" while the period runs
	Period  Period
	Total   int64
}

// CreateUsageRecord is POST /v1/subscription_items/{item}/usage_records of versions before basil.
type CreateUsageRecord struct {
	Item      string       `form:"-"`
	Action    Opt[string]  `form:"action"`
	Quantity  Opt[int64]   `form:"quantity"`
	Timestamp Opt[Instant] `form:"timestamp"`
}

func (c CreateUsageRecord) apply(t *tx) (Result, error) {
	s, item, err := t.recordedItem(c.Item)
	if err != nil {
		return nil, err
	}
	quantity, ok := c.Quantity.Get()
	if !ok {
		return nil, required("quantity")
	}
	if err := within(quantity, 0, usageRecordMost, "quantity"); err != nil {
		return nil, err
	}
	action := c.Action.Or("increment")
	if action != "increment" && action != "set" {
		return nil, invalid("action", "", "Invalid action: must be one of increment or set")
	}
	if action == "set" && s.thresholds() {
		return nil, invalid("action", "", "Subscriptions with billing thresholds only take usage records with `action=increment`.")
	}
	at, ok := c.Timestamp.Or(Now).Resolve(t.now)
	if !ok {
		return nil, invalid("timestamp", "", "Invalid timestamp: must be an integer Unix timestamp or now.")
	}
	if err := t.recordable(s, item, at); err != nil {
		return nil, err
	}
	r := &UsageRecord{ID: t.long("mbur_"), Item: item.ID, Quantity: quantity, Timestamp: at}
	for _, old := range t.world.tables.usageRecords.all("item", item.ID) {
		if old.Timestamp == at {
			if r.ID = old.ID; action == "increment" {
				r.Quantity += old.Quantity
			}
		}
	}
	put(t, r)
	t.crossThreshold(s)
	return r, nil
}

// recordedItem finds an item whose usage is recorded, and moves to its time line.
func (t *tx) recordedItem(id string) (*Subscription, *SubscriptionItem, error) {
	item, ok := Get[SubscriptionItem](t.world, id)
	if !ok {
		return nil, nil, NotFound("subscription_item", id, "subscription_item")
	}
	s := must[Subscription](t, item.Subscription)
	if err := t.enter(s.TestClock); err != nil {
		return nil, nil, err
	}
	if !must[Price](t, item.Price).recordsUsage() {
		return nil, nil, invalid("", "", "Usage records can only be created for a subscription item with a metered price that is not backed by a meter.")
	}
	if !s.live() || s.Status == SubPaused {
		return nil, nil, invalid("", "", "Usage records cannot be created for a subscription that is %s.", s.Status)
	}
	return s, item, nil
}

// recordable checks the time of a record: inside the running period and not ahead, or in the one before while that is just over.
func (t *tx) recordable(s *Subscription, item *SubscriptionItem, at int64) error {
	from := item.CurrentPeriodStart
	if t.now-from <= t.decided().UsageGrace {
		from = s.StartDate
	}
	if at < from || at > t.now {
		return invalid("timestamp", "", "Cannot create the usage record with this timestamp because it is not within the current period: it must be between %d and %d.",
			from, t.now)
	}
	return nil
}

// recorded is the usage of an item in a span by its records.
func (w *World) recorded(item, aggregate string, span Period) int64 {
	total, latest := int64(0), int64(-1)
	for _, r := range w.tables.usageRecords.all("item", item) {
		if r.Timestamp >= span.End || r.Timestamp < span.Start && aggregate != AggregateLastOfEver {
			continue
		}
		switch aggregate {
		case AggregateMax:
			total = max(total, r.Quantity)
		case AggregateLast, AggregateLastOfEver:
			if r.Timestamp >= latest {
				total, latest = r.Quantity, r.Timestamp
			}
		default:
			total += r.Quantity
		}
	}
	return total
}

// recordsUsage says whether an item of a price has usage records.
func (p *Price) recordsUsage() bool {
	return p.Recurring != nil && p.Recurring.UsageType == Metered && p.Recurring.Meter == ""
}

// clearUsage deletes the records of an item that is removed, or whose price goes. Removing one with usage in its period has to be asked for
// so; clear_usage says nothing to meters, whose events belong to the customer.
func (t *tx) clearUsage(item *SubscriptionItem, clear bool, param string) error {
	if !must[Price](t, item.Price).recordsUsage() {
		return nil
	}
	for _, r := range t.world.tables.usageRecords.all("item", item.ID) {
		if clear {
			t.world.tables.usageRecords.remove(t, r.ID)
			continue
		}
		if r.Timestamp >= item.CurrentPeriodStart {
			return invalid(param, "", "Subscription item %s cannot be deleted because it has usage. Set `clear_usage` to `true` to delete the item "+
				"and all its usage.", item.ID)
		}
	}
	return nil
}

// ListUsageRecordSummaries is GET /v1/subscription_items/{item}/usage_record_summaries of versions before basil: the running period first.
type ListUsageRecordSummaries struct {
	Item string `form:"-"`
	Page
}

func (q ListUsageRecordSummaries) run(w *World) (*Listing, error) {
	item, ok := Get[SubscriptionItem](w, q.Item)
	if !ok {
		return nil, NotFound("subscription_item", q.Item, "subscription_item")
	}
	price, ok := Get[Price](w, item.Price)
	if !ok || !price.recordsUsage() {
		return nil, invalid("", "", "Usage record summaries exist only for a subscription item with a metered price that is not backed by a meter.")
	}
	summary := func(invoice string, span Period, total int64) *UsageRecordSummary {
		return &UsageRecordSummary{
			ID: "sis_1" + w.fixedCharacters("records "+item.ID+invoice, 23), Item: item.ID, Invoice: invoice, Period: span, Total: total,
		}
	}
	running := Period{item.CurrentPeriodStart, item.CurrentPeriodEnd}
	all := []*UsageRecordSummary{summary("", running, w.recorded(item.ID, price.Recurring.AggregateUsage, running))}
	invoices := w.tables.invoices.all("subscription", item.Subscription)
	for _, inv := range slices.Backward(invoices) {
		var span Period
		total := Decimal{}
		for _, line := range inv.Lines {
			if line.usage() && line.SubscriptionItem == item.ID {
				span, total = line.Period, total.plus(*line.Used)
			}
		}
		if span != (Period{}) {
			all = append(all, summary(inv.ID, span, total.whole))
		}
	}
	return listEmbedded(q.Page, all, "usage_record_summary", func(s *UsageRecordSummary) string { return s.ID })
}

var _ = register(CreateUsageRecord{})
