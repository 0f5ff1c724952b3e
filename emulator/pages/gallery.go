package pages

import (
	"time"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
)

// galleryNow is the moment at which all gallery pages are shown.
var galleryNow = time.Date(2026, time.December, 5, 14, 5, 9, 0, time.UTC)

// Gallery is every hosted page in every state, made from views written by hand,
// so that it shows states that are hard to reach too.
func Gallery() []design.Shot {
	shots := galleryCheckout()
	shots = append(shots, galleryPortal()...)
	return append(shots, galleryInvoice()...)
}

func eur(minor int64) money.Amount { return money.New(minor, "eur") }

func days(n int) time.Time { return galleryNow.AddDate(0, 0, n) }

func galleryCheckout() []design.Shot {
	premium := checkoutView{
		Path: "#",
		Summary: summary{
			Company: "Northwind", BackHref: "#", BackText: "Back", Title: "Subscribe to Premium", Headline: "€12.00", Per: "per month",
			Lines: []summaryLine{{Name: "Premium", Detail: "Everything in Starter, and unlimited projects", Amount: eur(1200), After: "billed every month"}},
			Sums:  []summarySum{{Name: "Total due today", Amount: eur(1200), Strong: true}},
		},
		Email: "ada@example.com", EmailFixed: true, NeedsCard: true, Submit: "Subscribe",
		Fine: "By confirming you allow Northwind to charge your card for future payments until you cancel.",
	}
	fresh := premium
	fresh.EmailFixed, fresh.Email, fresh.ShowTests = false, "", true
	empty := fresh
	empty.ShowTests = false
	empty.Form.Problems = problems{
		"email": "Enter your e-mail address.", "cardNumber": "Your card number is incomplete.", "cardExpiry": "Your card's expiration date is incomplete.",
		"cardCvc": "Your card's security code is incomplete.", "billingName": "Enter the name on the card.",
	}
	declined := premium
	declined.Form = testCards[7].filled()
	declined.Form.CVC = ""
	declined.Form.Problems = problems{"cardNumber": "Your card was declined."}
	failed := premium
	failed.Form.Problems = problems{generalProblem: authenticationFailed}
	trial := premium
	trial.Summary.Title, trial.Summary.Headline, trial.Summary.Per = "Try Premium", "14 days free", ""
	trial.Summary.Note = "Then €36.00 per month from 19 Dec 2026"
	trial.Summary.Lines = []summaryLine{
		{Name: "Premium", Detail: "3 × €12.00 per month", Amount: eur(3600), After: "14 days free"},
	}
	trial.Summary.Sums = []summarySum{{Name: "Total due today", Amount: eur(0), Strong: true}}
	trial.Submit = "Start trial"
	pay := premium
	pay.Summary.Title, pay.Summary.Per = "Pay Northwind", ""
	pay.Summary.Headline = "€68.90"
	pay.Summary.Lines = []summaryLine{
		{Name: "Field guide to birds, printed", Detail: "1 × €49.00", Amount: eur(4900)},
		{Name: "Postcard set", Detail: "2 × €9.95", Amount: eur(1990)},
	}
	pay.Summary.Sums = []summarySum{{Name: "Subtotal", Amount: eur(6890)}, {Name: "Total due today", Amount: eur(6890), Strong: true}}
	pay.Submit, pay.Fine = "Pay €68.90", ""
	setup := premium
	setup.Summary = summary{Company: "Northwind", BackHref: "#", BackText: "Back", Title: "Nothing is charged now", Headline: "Save a card", Note: "Northwind keeps the card for later payments."}
	setup.Submit = "Save card"
	amount := eur(1200)
	return []design.Shot{
		{Name: "checkout/fresh", Component: checkoutPage(fresh)},
		{Name: "checkout/known-customer", Component: checkoutPage(premium)},
		{Name: "checkout/empty-fields", Component: checkoutPage(empty)},
		{Name: "checkout/declined", Component: checkoutPage(declined)},
		{Name: "checkout/authentication-failed", Component: checkoutPage(failed)},
		{Name: "checkout/questions", Component: checkoutPage(galleryQuestions(premium, false))},
		{Name: "checkout/questions-wrong", Component: checkoutPage(galleryQuestions(premium, true))},
		{Name: "checkout/basket", Component: checkoutPage(galleryBasket(pay, false))},
		{Name: "checkout/basket-code-wrong", Component: checkoutPage(galleryBasket(pay, true))},
		{Name: "checkout/trial", Component: checkoutPage(trial)},
		{Name: "checkout/payment", Component: checkoutPage(pay)},
		{Name: "checkout/setup", Component: checkoutPage(setup)},
		{Name: "checkout/complete", Component: endPage(completeEnd("Northwind", "#"))},
		{Name: "checkout/expired", Component: endPage(expiredEnd("Northwind", "#"))},
		{Name: "payment-link/closed", Component: endPage(inactiveLink("Northwind", ""))},
		{Name: "payment-link/confirmation", Component: endPage(endView{Company: "Northwind", Title: "Thank you", Text: "Your payment to Northwind is complete.", Good: true})},
		{Name: "checkout/unknown", Component: endPage(unknownEnd("checkout session"))},
		{Name: "3ds/payment", Component: challengePage(challengeView{Path: "#", Company: "Northwind", Amount: &amount, Card: "Visa ending in 3155", Date: galleryNow})},
		{Name: "3ds/setup", Component: challengePage(challengeView{Path: "#", Company: "Northwind", Card: "Visa ending in 3155", Date: galleryNow})},
		{Name: "receipt", Component: endPage(endView{Company: "Northwind", Title: "Receipt from Northwind", Text: "€12.00 was paid on 12 June 2026 with Visa ending in 4242.", Good: true})},
		{Name: "3ds/nothing-to-do", Component: endPage(settledChallenge("Northwind"))},
	}
}

func galleryPortal() []design.Shot {
	frame := portalFrame{Company: "Northwind", Headline: "Manage your billing", ReturnHref: "#", Customer: "ada@example.com", HomePath: "#", TermsHref: "#", PolicyHref: "#"}
	premium := portalPlan{Name: "Premium", Price: "€12.00 per month", Status: "active", Note: "Renews on 5 Jan 2027", Card: "Visa ending in 4242", CancelPath: "#"}
	bills := []portalBill{
		{Date: days(0), Name: "Premium", Amount: eur(1200), Status: "paid", Href: "#"},
		{Date: days(-30), Name: "Premium", Amount: eur(1200), Status: "paid", Href: "#"},
		{Date: days(-61), Name: "Starter", Amount: eur(0), Status: "paid", Href: "#"},
	}
	home := portalView{
		Frame: frame, Plans: []portalPlan{premium}, ShowCards: true, ShowBills: true, Bills: bills, NewCardPath: "#",
		Details: []fact{{"E-mail", "ada@example.com"}, {"Phone", ""}, {"Address", "12 St James's Square, SW1Y London, GB"}}, DetailsPath: "#",
		Cards: []portalCard{
			{Brand: "visa", Last4: "4242", Expiry: "12/34", Default: true},
			{Brand: "mastercard", Last4: "4444", Expiry: "03/29", DefaultPath: "#", RemovePath: "#"},
			{Brand: "amex", Last4: "0005", Expiry: "11/26", Expired: true, DefaultPath: "#", RemovePath: "#"},
		},
	}
	canceling := home
	canceling.Done = portalDone["canceled"]
	canceling.Plans = []portalPlan{{Name: "Premium", Price: "€12.00 per month", Status: "active", Note: "Ends on 5 Jan 2027", ResumePath: "#"}}
	late := home
	late.Plans = []portalPlan{{
		Name: "Premium", Price: "€12.00 per month", Status: "past_due", Note: "Next attempt on 8 Dec 2026", Card: "Visa ending in 0341", CancelPath: "#",
		Warn: "Your last payment of €12.00 failed.", WarnHref: "#", WarnText: "Pay it now",
	}}
	late.Bills = append([]portalBill{{Date: days(0), Name: "Premium", Amount: eur(1200), Status: "open", Href: "#"}}, bills[1:]...)
	trial := home
	trial.Plans = []portalPlan{{Name: "Premium", Price: "€12.00 per month", Status: "trialing", Note: "The trial ends on 19 Dec 2026, then €12.00 is charged", CancelPath: "#"}}
	none := portalView{
		Frame: frame, ShowCards: true, ShowBills: true, NewCardPath: "#",
		Past: []portalPlan{{Name: "Premium", Price: "€12.00 per month", Status: "canceled", Note: "Ended on 5 Dec 2026"}},
	}
	refused := portalCardView{Frame: frame, Path: "#", Form: testCards[7].filled()}
	refused.Form.Problems = problems{"cardNumber": "Your card was declined."}
	cancel := portalCancelView{Frame: frame, Path: "#", Plan: premium, Ends: days(31), Reasons: cancelReasons(nil)}
	cancel.Plan.CancelPath = ""
	atOnce := cancel
	atOnce.Now, atOnce.Reasons = true, nil
	return []design.Shot{
		{Name: "portal/home", Component: portalPage(home)},
		{Name: "portal/cancel-scheduled", Component: portalPage(canceling)},
		{Name: "portal/past-due", Component: portalPage(late)},
		{Name: "portal/trial", Component: portalPage(trial)},
		{Name: "portal/nothing", Component: portalPage(none)},
		{Name: "portal/card-new", Component: portalCardPage(portalCardView{Frame: frame, Path: "#", Tests: true})},
		{Name: "portal/card-declined", Component: portalCardPage(refused)},
		{Name: "portal/details", Component: detailsPage(detailsView{Frame: frame, Path: "#", Fields: []design.Field{
			{Name: "email", Label: "E-mail", Type: "email", Value: "nobody", Error: "Invalid email address: nobody"},
			{Name: "phone", Label: "Phone"}, {Name: "line1", Label: "Address", Value: "12 St James's Square"}, {Name: "city", Label: "City", Value: "London"},
		}})},
		{Name: "portal/cancel", Component: portalCancelPage(cancel)},
		{Name: "portal/cancel-at-once", Component: portalCancelPage(atOnce)},
		{Name: "portal/confirmation", Component: portalNoticePage(portalNotice{Frame: frame, Title: "Done", Text: portalDone["canceled"], Href: "#", Button: "Return to Northwind"})},
		{Name: "portal/expired", Component: endPage(expiredPortal("Northwind", "#"))},
	}
}

func galleryInvoice() []design.Shot {
	open := invoiceView{
		Path: "#", Company: "Northwind", Number: "A1B2C3D4-0007", Status: "open", Payable: true, Submit: "Pay €12.00",
		Summary: summary{Company: "Northwind", Title: "Invoice from Northwind", Headline: "€12.00", Note: "Due on 5 Dec 2026"},
		Facts:   []fact{{"Billed to", "Ada Lovelace, ada@example.com"}, {"Issued", "5 Dec 2026"}},
		Lines: []invoiceLine{
			{Text: "Unused time on Starter after 5 Dec 2026", Period: "5 Dec 2026 to 1 Jan 2027", Quantity: "1", Amount: eur(-412)},
			{Text: "1 × Premium (at €16.12 / month)", Period: "5 Dec 2026 to 5 Jan 2027", Quantity: "1", Unit: "€16.12", Amount: eur(1612)},
		},
		Sums:  []summarySum{{Name: "Subtotal", Amount: eur(1200)}, {Name: "Total", Amount: eur(1200)}, {Name: "Amount due", Amount: eur(1200), Strong: true}},
		Cards: []savedCard{{"pm_1", "Visa ending in 4242, expires 12/34"}}, Chosen: "pm_1",
	}
	fresh := open
	fresh.Cards, fresh.Chosen, fresh.Tests = nil, "", true
	declined := open
	declined.Form.Problems = problems{generalProblem: "Your card has insufficient funds."}
	paid := open
	paid.Status, paid.Payable, paid.Settled, paid.Good = "paid", false, "Paid on 5 Dec 2026 with Visa ending in 4242. Thank you.", true
	paid.Summary.Note = "Paid on 5 Dec 2026"
	paid.Sums = []summarySum{open.Sums[0], open.Sums[1], {Name: "Amount paid", Amount: eur(1200), Strong: true}}
	void := open
	void.Status, void.Payable, void.Settled = "void", false, "This invoice was voided. Nothing is owed on it."
	void.Summary.Note = ""
	return []design.Shot{
		{Name: "invoice/open", Component: invoicePage(open)},
		{Name: "invoice/open-new-card", Component: invoicePage(fresh)},
		{Name: "invoice/declined", Component: invoicePage(declined)},
		{Name: "invoice/paid", Component: invoicePage(paid)},
		{Name: "invoice/void", Component: invoicePage(void)},
	}
}
