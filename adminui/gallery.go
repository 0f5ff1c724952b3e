package adminui

import (
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/verdict"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// galleryNow is the moment at which all gallery pages are shown.
var galleryNow = time.Date(2027, time.February, 3, 9, 12, 0, 0, time.UTC)

// Gallery is every page of the admin in every state, made from facts written by hand.
func Gallery() []design.Shot {
	f := galleryFrame("ada@example.com", base+"/accounts/user_1")
	paid, failed := galleryPaid(), galleryFailed()
	home := homeView{frame: galleryFrame("Accounts", base+"/"), Accounts: []accountRow{
		{paid.Status.Account, paid.Status}, {failed.Status.Account, failed.Status},
	}}
	trouble := home
	trouble.Queues = service.Queues{EventsDead: 1, EffectsDead: 2}
	none := home
	none.Query, none.Accounts = "nobody@example.com", nil
	queues := queuesView{
		frame: galleryFrame("Inbox and outbox", base+"/queues"), Queues: service.Queues{EventsPending: 1, EventsDead: 1, EffectsPending: 1, EffectsDead: 1},
		Events: failed.Events, Effects: failed.Effects,
	}
	filtered := queues
	filtered.Chosen, filtered.Events, filtered.Effects, filtered.OlderEvents = chosen{State: stateDead, Account: "user_9"}, failed.Events[:1], nil, "#"
	unknown := queues
	unknown.Chosen, unknown.Fault, unknown.Events, unknown.Effects = chosen{Account: "nobody"}, "there is no account with this id", nil, nil
	retried := queues
	retried.Queues, retried.Retried = service.Queues{EventsPending: 2}, true
	return append(append(galleryOperators(), galleryStripe()...), []design.Shot{
		{Name: "admin/accounts", Component: homePage(home)},
		{Name: "admin/accounts-trouble", Component: homePage(trouble)},
		{Name: "admin/accounts-none", Component: homePage(none)},
		{Name: "admin/account-paid", Component: accountPage(f, paid, "", "")},
		{Name: "admin/account-failed", Component: accountPage(f, failed, doneThings["synced"][0], doneThings["synced"][1])},
		{Name: "admin/account-much", Component: accountPage(f, galleryMuch(), doneThings["refunded"][0], doneThings["refunded"][1])},
		{Name: "admin/account-refused", Component: accountPage(f, galleryRefused(), "", "")},
		{Name: "admin/refund", Component: refundPage(galleryRefund())},
		{Name: "admin/refund-refused", Component: refundPage(galleryRefundRefused())},
		{Name: "admin/refund-over", Component: refundPage(galleryRefundOver())},
		{Name: "admin/queues", Component: queuesPage(queues)},
		{Name: "admin/queues-retried", Component: queuesPage(retried)},
		{Name: "admin/queues-filtered", Component: queuesPage(filtered)},
		{Name: "admin/queues-unknown-account", Component: queuesPage(unknown)},
		{Name: "admin/keys", Component: keysPage(galleryKeys())},
		{Name: "admin/keys-refused", Component: keysPage(keysView{frame: galleryKeys().frame, Asked: askedKey{Name: "web-backend", Refused: "a key needs a scope or more"}})},
		{Name: "admin/key-made", Component: keyPage(keyView{
			frame: galleryKeys().frame, Now: galleryNow, Key: galleryKeys().Keys[0], Secret: "dues_7k2mf9x4q1_3vqk5n8w2rj6t0z9h4c7b1m8d5g2",
		})},
		{Name: "admin/numbers", Component: numbersPage(galleryNumbers())},
		{Name: "admin/numbers-none", Component: numbersPage(numbersView{frame: galleryNumbers().frame, Counted: service.Numbers{At: galleryNow}})},
		{Name: "admin/audit", Component: auditPage(galleryAudit())},
		{Name: "admin/audit-fault", Component: auditPage(auditView{frame: galleryAudit().frame, Asked: auditAsked{Since: "yesterday"}, Fault: "This is no day, such as 2026-01-31."})},
		{Name: "admin/dunning", Component: dunningPage(galleryDunning())},
		{Name: "admin/dunning-nobody", Component: dunningPage(dunningView{frame: galleryDunning().frame})},
		{Name: "admin/not-found", Component: sorryPage(f, "There is no such account", "Search for its id, e-mail address or name.")},
	}...)
}

func galleryDay(days int) time.Time { return galleryNow.AddDate(0, 0, days) }

func eur(minor int64) money.Amount { return money.New(minor, "eur") }

func galleryPaid() facts {
	account := billing.Account{ID: "user_1", Email: "ada@example.com", Name: "Ada Lovelace", Customer: "cus_Qe1sXmPlA7uL2k", CreatedAt: galleryDay(-40)}
	return facts{
		Facts: verdict.Facts{
			Now: galleryNow, Leeway: 48 * time.Hour,
			Names: verdict.Names{
				Feature: map[billing.FeatureID]string{"projects": "Projects", "export": "Export"}, Asset: map[billing.AssetID]string{"handbook": "The Field Handbook"},
				Price: map[string]string{"premium_monthly": "Premium, €19.00 per month", "starter_monthly": "Starter, €0.00 per month"},
			},
			Status: service.Status{
				Account: account, PlanName: "Premium", Method: &billing.PaymentMethod{Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2034},
				Access: billing.Access{
					Plan: "premium", Price: "premium_monthly", Subscription: "sub_1Sx7Qe2eZvKYlo2C", Status: billing.Active, Level: billing.Full,
					PeriodEnd: galleryDay(28), Until: galleryDay(30), Why: "Premium is paid until 3 March 2027.",
				},
			},
			Invoices: []billing.Invoice{
				{ID: "in_2", Number: "A1B2C3D4-0003", Status: billing.InvoicePaid, Reason: "subscription_cycle", Total: eur(1900), CreatedAt: galleryNow, PaidAt: galleryNow.Add(time.Hour), Attempts: 1, HostedURL: "#"},
				{ID: "in_1", Number: "A1B2C3D4-0002", Status: billing.InvoicePaid, Reason: "subscription_create", Total: eur(1900), CreatedAt: galleryDay(-31), PaidAt: galleryDay(-31), Attempts: 1, HostedURL: "#"},
			},
			Events: []service.Event{
				{ID: "evt_1Sx8b22eZvKYlo2C", Type: "invoice.paid", APIVersion: "2026-06-24.dahlia", CreatedAt: galleryNow.Add(time.Hour), ReceivedAt: galleryNow.Add(time.Hour), State: "done", Attempts: 1},
				{ID: "evt_1Sx8b12eZvKYlo2C", Type: "customer.subscription.updated", APIVersion: "2024-06-20", Foreign: true, CreatedAt: galleryNow, ReceivedAt: galleryNow, State: "done", Attempts: 1},
			},
		},
		Entitlements: []billing.Entitlement{{Feature: "projects", Type: billing.Limit, Enabled: true, Limit: 100}, {Feature: "export", Type: billing.Boolean, Enabled: true}},
		Subscriptions: []billing.Subscription{
			{ID: "sub_1Sx7Qe2eZvKYlo2C", Status: billing.Active, StartedAt: galleryDay(-31), Items: []billing.Item{{PriceKey: "premium_monthly", Period: billing.Period{Start: galleryNow, End: galleryDay(28)}}}},
			{ID: "sub_1SwZ2e2eZvKYlo2C", Status: billing.Canceled, StartedAt: galleryDay(-40), EndedAt: galleryDay(-31), Items: []billing.Item{{PriceKey: "starter_monthly", Period: billing.Period{Start: galleryDay(-40), End: galleryDay(-9)}}}},
		},
		Licenses: []billing.Held{{
			License: billing.License{Asset: "handbook", StartsAt: galleryDay(-31), EndsAt: galleryDay(28)}, Valid: true, ValidUntil: galleryDay(30),
		}},
		Purchases: []billing.Purchase{{ID: "pur_7K2", PriceKey: "premium_monthly", Status: billing.PurchaseCompleted, CreatedAt: galleryDay(-31), CompletedAt: galleryDay(-31), PaymentIntent: "pi_3Sx7Qe2eZvKYlo2C"}},
		Effects: []service.Effect{
			{Key: "renewed:in_2", Kind: "mail", Name: "renewed", CreatedAt: galleryNow, TriedAt: galleryNow.Add(time.Second), DoneAt: galleryNow.Add(time.Second), State: "done", Attempts: 1},
			{Key: "notice:app:renewed:in_2", Kind: "notice", Name: "subscription.renewed", Endpoint: "app", CreatedAt: galleryNow, TriedAt: galleryNow.Add(time.Second), DoneAt: galleryNow.Add(time.Second), State: "done", Attempts: 1, Answer: 204},
			{Key: "cancel-free:sub_1SwZ2e2eZvKYlo2C", Kind: "call", Name: "cancel", CreatedAt: galleryDay(-31), TriedAt: galleryDay(-31), DoneAt: galleryDay(-31), State: "done", Attempts: 1},
		},
	}
}

func galleryFailed() facts {
	k := galleryPaid()
	k.Status.Account = billing.Account{ID: "user_2", Email: "grace@example.com", Name: "Grace Hopper", Customer: "cus_Qe2tYnQmB8vM3l", CreatedAt: galleryDay(-72)}
	k.Status.Access.Status, k.Status.Access.Action = billing.PastDue, billing.UpdateCard
	k.Status.Access.Why = "The renewal is unpaid; Premium stays open while Stripe tries again."
	k.Status.Method = &billing.PaymentMethod{Brand: "visa", Last4: "0341", ExpMonth: 12, ExpYear: 2034}
	k.Subscriptions[0].Status = billing.PastDue
	k.Invoices[0].Status, k.Invoices[0].PaidAt, k.Invoices[0].Attempts, k.Invoices[0].NextAttempt = billing.InvoiceOpen, time.Time{}, 2, galleryDay(3)
	k.Effects[0] = service.Effect{Key: "payment_failed:in_2:1", Kind: "mail", Name: "payment_failed", CreatedAt: galleryNow, TriedAt: galleryNow.Add(7 * time.Second), State: "pending", Attempts: 3, Error: "dial tcp 127.0.0.1:1025: connect: connection refused"}
	k.Effects[1] = service.Effect{
		Key: "notice:app:past_due:sub_1Sx7Qe2eZvKYlo2C:in_2", Kind: "notice", Name: "subscription.past_due", Endpoint: "app", CreatedAt: galleryNow,
		TriedAt: galleryDay(3), State: "dead", Attempts: 21, Answer: 503, Error: "answered 503",
	}
	k.Events = append([]service.Event{
		{ID: "evt_1Sx8c92eZvKYlo2C", Type: "invoice.payment_failed", APIVersion: "2026-06-24.dahlia", CreatedAt: galleryNow, ReceivedAt: galleryNow, State: "dead", Attempts: 12, Error: "stripe: customer cus_Qe2tYnQmB8vM3l: 500"},
		{ID: "evt_1Sx8c82eZvKYlo2C", Type: "customer.updated", APIVersion: "2026-06-24.dahlia", CreatedAt: galleryNow, ReceivedAt: galleryNow, State: "pending", Attempts: 0},
	}, k.Events...)
	return k
}

func galleryKeys() keysView {
	return keysView{frame: galleryFrame("API keys", base+"/keys"), Now: galleryNow, Keys: []billing.Key{
		{ID: "key_7k2mf9x4q1", Name: "web-backend", Scopes: billing.ServerScopes(), CreatedAt: galleryDay(-90), RotatedAt: galleryNow, OldUntil: galleryDay(1), UsedAt: galleryNow},
		{ID: "key_4h8c2v6t0z", Name: "nightly-report", Scopes: []billing.Scope{billing.UsageRead, billing.BillingRead}, CreatedAt: galleryDay(-30), ExpiresAt: galleryDay(60), UsedAt: galleryDay(-1)},
		{ID: "key_1b5n9d3g7w", Name: "old-shop", Scopes: []billing.Scope{billing.Admin}, CreatedAt: galleryDay(-400), RevokedAt: galleryDay(-12)},
	}}
}

func galleryDunning() dunningView {
	owes := func(account billing.AccountID, status billing.Status, minor int64, since, last, next int, step string) service.Dunned {
		d := service.Dunned{Account: account, Dunned: billing.Dunned{
			Subscription: billing.Subscription{Status: status}, Invoice: billing.Invoice{AmountDue: eur(minor), Attempts: 2}, Since: galleryDay(since), NextAt: galleryDay(next), Next: step,
		}}
		if last != 0 {
			d.LastAt = galleryDay(last)
		}
		return d
	}
	return dunningView{frame: galleryFrame("Payments owed", base+"/dunning"), More: "#", Dunned: []service.Dunned{
		owes("user_2", billing.PastDue, 1900, -1, 0, 2, billing.PaymentReminderMail), owes("user_9", billing.PastDue, 19000, -8, -1, 6, billing.LastReminderMail),
		owes("org_31", billing.Unpaid, 4900, -21, -7, 1, string(billing.DunningCancels)),
	}}
}

func galleryAudit() auditView {
	return auditView{frame: galleryFrame("Audit log", base+"/audit"), Older: "#", Acts: []service.Act{
		{At: galleryNow, Actor: service.Actor{Kind: service.UserActor, Name: "user_1"}, Action: "cancel", Account: "user_1", Outcome: "done", Request: "req_7k2mf9x4q1"},
		{At: galleryDay(-1), Actor: service.Actor{Kind: service.KeyActor, Name: "key_7k2mf9x4q1"}, Action: "accountRefund", Account: "user_2", Object: "in_2", Outcome: "refused", Request: "req_4h8c2v6t0z"},
		{At: galleryDay(-2), Actor: service.Actor{Kind: service.AdminActor}, Action: "POST /admin/keys", Object: "web-backend", Outcome: "done"},
	}}
}
