package billing

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// The types of notices.
const (
	AccessChanged   = "access.changed"                // plan or level are others than the application was told last
	Started         = "subscription.started"          // somebody begins to pay, or to try what will be paid
	Renewed         = "subscription.renewed"          // a renewal was paid
	PriceChanged    = "subscription.changed"          // from one price to another, both of them paid
	AddOnsChanged   = "subscription.addons_changed"   // others, or so many more or less of them, are paid for beside the plan
	BecamePastDue   = "subscription.past_due"         // a payment failed, and the provider tries again
	CancelScheduled = "subscription.cancel_scheduled" // it will end at a date, or at another one
	CancelUndone    = "subscription.cancel_undone"    // it will go on after all
	Ended           = "subscription.ended"            // nothing is paid for by it any more
	LicenseExtended = "license.extended"              // a paid line gave an asset, or more time of it, or money that was taken back came again
	RefundCreated   = "refund.created"                // money is given back, by whoever
	DisputeOpened   = "dispute.opened"                // a bank takes a payment back, or asks about it
	DisputeClosed   = "dispute.closed"                // it has decided
	LicenseCut      = "license.cut"                   // it ends earlier, for money was given back or a change credited the time

	BuyAuthorized = "purchase.authorized" // a bank keeps its amount ready, to be captured
	BoughtOnce    = "purchase.completed"  // something that is paid once was paid
	BuyExpired    = "purchase.expired"    // its page was closed, and nobody paid; or the bank let go of what it kept ready
	BuyCanceled   = "purchase.canceled"   // it was taken back before it was paid
)

// What is heard of an account itself.
const (
	AccountCreated = "account.created" // it is there, as a customer of the provider; the first that is heard of it
	AccountUpdated = "account.updated" // its e-mail address, name or language is another
	AccountDeleted = "account.deleted" // the last that is heard of it
)

// OfAccount is a notice of an account itself, of one of the types above. Its access is said with it, as with each notice.
func OfAccount(id AccountID, kind string, sequence int64, access Access) Notice {
	return Notice{Key: fmt.Sprintf("%s:%s:%d", kind, id, sequence), Type: kind, Sequence: sequence, Access: access}
}

// NoticeTypes are all types of notices, in the order of a customer's life.
var NoticeTypes = slices.Concat([]string{
	AccountCreated, AccountUpdated,
	AccessChanged, Started, Renewed, PriceChanged, AddOnsChanged, BecamePastDue, CancelScheduled, CancelUndone, Ended, LicenseExtended, LicenseCut,
	RefundCreated, DisputeOpened, DisputeClosed,
	BuyAuthorized, BoughtOnce, BuyExpired, BuyCanceled,
	AccountDeleted,
}, invoiceNotices)

// Notice is something that the application has to be told. Key names the transition, as that of an Effect does.
type Notice struct {
	Key          string
	Type         string
	Sequence     int64 // of the account: grows by one with each notice
	Access       Access
	Subscription Subscription // zero where the notice is about none, like the two below
	Invoice      Invoice
	License      License
	Refund       Refund
	Dispute      Dispute
	Purchase     OneOff
	Previous     Previous
}

// Previous is what was before a change, zero where nothing changed.
type Previous struct {
	Plan  PlanID
	Price string
	Level Level
}

// Told is what an application was told of an account's access last.
type Told struct {
	Plan     PlanID
	Level    Level
	Others   map[Group]Standing // in the groups beside the default one
	Sequence int64              // of the last notice
	LookAt   time.Time          // when access changes by the passing of time alone, zero: never
}

// Standing is what an account is on in a group, and how much of it may be used.
type Standing struct {
	Plan  PlanID `json:"plan"`
	Level Level  `json:"level"`
}

// Equal reports whether the same was told.
func (t Told) Equal(other Told) bool {
	return t.in("") == other.in("") && maps.Equal(t.Others, other.Others) && t.Sequence == other.Sequence && t.LookAt.Equal(other.LookAt)
}

// in is what was told of a group, zero when nothing was.
func (t Told) in(group Group) Standing {
	if group == "" {
		return Standing{t.Plan, t.Level}
	}
	return t.Others[group]
}

// Change is what notices are decided on.
type Change struct {
	Account     AccountID
	Told        Told // zero: nothing yet
	Mirror, Now State
	Extended    []LicenseLine // lines that were recorded with this change
	Licenses    []License     // of the account, with those lines
	Held        []License     // before
	Bought      []OneOff      // what has become of one-offs, each as it is now
	Returned    Record        // refunds and disputes that are new, or otherwise, and their charges
	At          time.Time     // business time
}

// Tell returns what the application has to be told of a change, and what it has been told then. As with mails there is no news of a
// customer that was never fetched before. A transition that may come again has its number in its key: it is counted in the transaction
// that sees the change, and a change is seen once.
func Tell(c Catalog, change Change) ([]Notice, Told) {
	t := teller{Catalog: c, Change: change, accesses: AccessesOf(c, change.Now, change.At)}
	if change.Mirror.Known || change.Told.Level != "" {
		for _, access := range t.accesses {
			t.accessNews(access)
		}
	}
	if change.Mirror.Known {
		for _, sub := range slices.Backward(change.Now.Subscriptions) { // oldest first
			t.subscriptionNews(sub)
		}
		for _, invoice := range slices.Backward(change.Now.Invoices) {
			t.invoiceTales(invoice)
			t.renewalNews(invoice)
		}
		t.returnedNews()
		t.licenseNews()
	}
	t.purchaseNews()
	return t.notices, t.told()
}

// TellGuest returns what the application has to be told of a change of a customer as whom an account has bought as a guest: what was given back, and
// what the account has licensed. own is the state of the account's own customer, which alone decides about access.
func TellGuest(c Catalog, own State, change Change) ([]Notice, Told) {
	t := teller{Catalog: c, Change: change, accesses: AccessesOf(c, own, change.At)}
	if change.Mirror.Known {
		t.returnedNews()
	}
	t.licenseNews()
	told := change.Told
	told.Sequence = t.Told.Sequence
	return t.notices, told
}

// told is what has been told with the notices.
func (t *teller) told() Told {
	now := Told{Sequence: t.Told.Sequence, LookAt: nextChange(t.Catalog, t.Now, t.accesses, t.At)}
	for _, a := range t.accesses {
		switch {
		case a.Group == "":
			now.Plan, now.Level = a.Plan, a.Level
		case now.Others == nil:
			now.Others = map[Group]Standing{a.Group: {a.Plan, a.Level}}
		default:
			now.Others[a.Group] = Standing{a.Plan, a.Level}
		}
	}
	return now
}

// teller collects the notices of one change.
type teller struct {
	Catalog
	Change
	accesses []Access // of each group
	notices  []Notice
}

// once adds a notice whose key names its transition for ever.
func (t *teller) once(key string, n Notice) {
	t.Told.Sequence++
	n.Key, n.Sequence = key, t.Told.Sequence
	if n.Access.Level == "" {
		n.Access = t.accessOf(n)
	}
	t.notices = append(t.notices, n)
}

// accessOf is the access that a notice brings: that of the group of the subscription that it is about, be it by its invoice.
func (t *teller) accessOf(n Notice) Access {
	sub := n.Subscription
	if sub.ID == "" {
		sub, _ = t.Now.Subscription(n.Invoice.Subscription)
	}
	group := t.GroupOf(sub)
	return t.accesses[slices.IndexFunc(t.accesses, func(a Access) bool { return a.Group == group })]
}

// again adds a notice of a transition that may come again.
func (t *teller) again(key string, n Notice) {
	t.once(fmt.Sprintf("%s:%d", key, t.Told.Sequence+1), n)
}

// accessNews compares access in a group with what was told last, or with the mirror when nothing was told yet.
func (t *teller) accessNews(access Access) {
	told := t.Told.in(access.Group)
	was := Previous{Plan: told.Plan, Level: told.Level}
	if was.Level == "" {
		before := AccessOf(t.In(access.Group), t.Mirror, t.At)
		was.Plan, was.Level = before.Plan, before.Level
	}
	plan, level := was.Plan != access.Plan, was.Level != access.Level
	if !plan {
		was.Plan = ""
	}
	if !level {
		was.Level = ""
	}
	if plan || level {
		key := "access:" + string(t.Account)
		if access.Group != "" {
			key = "access-of:" + string(access.Group) + ":" + string(t.Account)
		}
		t.again(key, Notice{Type: AccessChanged, Access: access, Previous: was})
	}
}

// subscriptionNews compares one subscription with the mirror. What was begun and ended between two fetches is told as both.
func (t *teller) subscriptionNews(sub Subscription) {
	was, _ := t.Mirror.Subscription(sub.ID)
	pays, paid := t.pays(sub), t.pays(was)
	passed := !paid && !was.Status.Ended() && sub.Status == Canceled && t.Paid(sub) && anyPaid(t.Now, sub.ID)
	bill := fmt.Sprintf("%s:%s", sub.ID, sub.LatestInvoice)
	plan, price := t.Sold(was)
	before := Previous{Plan: plan.ID, Price: price.Key}
	if pays && !paid || passed {
		t.once("started:"+bill, Notice{Type: Started, Subscription: sub, Previous: before})
	}
	if _, now := t.Sold(sub); pays && paid && now.Key != price.Key {
		t.again(fmt.Sprintf("changed:%s:%s:%s", sub.ID, price.Key, now.Key), Notice{Type: PriceChanged, Subscription: sub, Previous: before})
	}
	if had, has := t.addOnsText(was), t.addOnsText(sub); pays && paid && had != has {
		t.again(fmt.Sprintf("addons:%s:%s:%s", sub.ID, had, has), Notice{Type: AddOnsChanged, Subscription: sub})
	}
	if pays && sub.Status == PastDue && was.Status != PastDue {
		t.once("past_due:"+bill, Notice{Type: BecamePastDue, Subscription: sub})
	}
	switch {
	case !pays || sub.CancelAt.Equal(was.CancelAt):
	case sub.CancelAt.IsZero():
		t.again("cancel_undone:"+string(sub.ID), Notice{Type: CancelUndone, Subscription: sub})
	default:
		t.again("cancel_scheduled:"+string(sub.ID), Notice{Type: CancelScheduled, Subscription: sub})
	}
	if paid && !pays || passed {
		t.once("ended:"+bill, Notice{Type: Ended, Subscription: sub, Previous: before})
	}
}

// pays reports whether something is paid for by a subscription, or tried that will be paid.
func (c Catalog) pays(s Subscription) bool {
	return s.Status != "" && s.Status != Incomplete && !s.Status.Ended() && c.Paid(s)
}

func anyPaid(s State, id SubscriptionID) bool {
	return slices.ContainsFunc(s.Invoices, func(i Invoice) bool { return i.Subscription == id && i.Status == InvoicePaid })
}

func (t *teller) renewalNews(invoice Invoice) {
	was, _ := t.Mirror.Invoice(invoice.ID)
	_, price, _ := t.PlanOfPrice(billed(t.Catalog, invoice))
	if invoice.Reason != renewal || invoice.Status != InvoicePaid || was.Status == InvoicePaid || price.Free() && invoice.Total.IsZero() {
		return
	}
	sub, _ := t.Now.Subscription(invoice.Subscription)
	t.once("renewed:"+string(invoice.ID), Notice{Type: Renewed, Subscription: sub, Invoice: invoice})
}

// licenseNews tells of lines that gave time, and then of licenses that end otherwise than before for another reason.
func (t *teller) licenseNews() {
	for _, l := range t.Licenses {
		given := false
		for _, line := range t.Extended {
			if line.Asset == l.Asset && !line.Credit && !line.gone() {
				invoice, _ := t.Now.Invoice(line.Invoice)
				t.once(fmt.Sprintf("license:%s:%s", line.Line, line.Asset), Notice{Type: LicenseExtended, License: l, Invoice: invoice})
				given = true
			}
		}
		at := slices.IndexFunc(t.Held, func(was License) bool { return was.Asset == l.Asset })
		if given || at < 0 || t.Held[at].EndsAt.Equal(l.EndsAt) && t.Held[at].StartsAt.Equal(l.StartsAt) {
			continue
		}
		kind := LicenseCut
		if was := t.Held[at]; l.EndsAt.IsZero() || !was.EndsAt.IsZero() && l.EndsAt.After(was.EndsAt) {
			kind = LicenseExtended
		}
		t.again("license:"+string(t.Account)+":"+string(l.Asset), Notice{Type: kind, License: l})
	}
}
