package accountui

import (
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Gallery is every page for customers in every state, made from facts written by hand; what is most looked at in each language.
func Gallery() (shots []design.Shot) {
	english := galleryFrame("en")
	shot := func(name string, f frame, title string, content templ.Component) {
		f.width = widthOf(title)
		shots = append(shots, design.Shot{Name: "account/" + name, Component: whole(f, f.text(title), content)})
	}
	for _, words := range spoken {
		f, suffix := galleryFrame(words.Language), "-"+words.Language
		if words.Language == "en" {
			suffix = ""
		}
		shot("home"+suffix, f, "home.title", homePage(galleryHome(f)))
		shot("plans"+suffix, f, "plans.title", offersPage(galleryOffers(f)))
		shot("change"+suffix, f, "change.title", changePage(galleryChange(f)))
		shot("cancel"+suffix, f, "cancel.title", cancelPage(cancelView{f, galleryHome(f).Status}))
	}
	shot("home-done", english, "home.title", homePage(galleryDone(english)))
	shot("home-free", english, "home.title", homePage(galleryFree(english)))
	shot("home-failed", english, "home.title", homePage(galleryFailed(english)))
	later := galleryChange(english)
	later.Preview.Planned.When, later.Fault, later.Quantity = billing.ChangeAtEnd, "stale", 4
	shot("change-later", english, "change.title", changePage(later))
	first := galleryChange(english)
	first.Preview = nil
	shot("change-first", english, "change.title", changePage(first))
	for _, name := range []string{"lost", "over", "too_many", "refused", "away", "failed"} {
		shot("sorry-"+name, english, "sorry."+name, sorry(english, name))
	}
	table := galleryOffers(english)
	table.Back, table.Title = "", english.text("pricing.title")
	for i := range table.Offers {
		table.Offers[i].Current = false
	}
	shot("pricing", english, "pricing.title", offersPage(table))
	return shots
}

func galleryFrame(language string) frame {
	return frame{
		words: spoken.For(language), Brand: "Fieldnotes", ReturnURL: "https://fieldnotes.example", base: accountBase + "token",
		account: billing.Account{ID: "user_1", Email: "ada@example.com", Name: "Ada Lovelace"},
	}
}

var (
	galleryEnd   = time.Date(2027, time.March, 3, 9, 0, 0, 0, time.UTC)
	galleryPrice = billing.Price{Key: "premium-monthly", Amount: money.New(1900, "eur"), Interval: billing.Month, IntervalCount: 1}
)

func galleryHome(f frame) homeView {
	account := f.account
	return homeView{
		frame: f, Price: galleryPrice,
		Status: service.Status{
			Account: account, PlanName: "Premium",
			Access: billing.Access{Plan: "premium", Price: galleryPrice.Key, Subscription: "sub_1", Status: billing.Active, Level: billing.Full, PeriodEnd: galleryEnd},
			Method: &billing.PaymentMethod{Type: "card", Brand: "visa", Last4: "4242", ExpMonth: 4, ExpYear: 2029},
		},
		Usage: []usage{{"Projects", 7, 10}, {"Messages", 51234, 0}},
		Invoices: []billing.Invoice{
			{Number: "FN-0003", Status: billing.InvoicePaid, Total: money.New(1900, "eur"), PaidAt: galleryEnd.AddDate(0, -1, 0), HostedURL: "#", PDF: "#"},
			{Number: "FN-0002", Status: billing.InvoicePaid, Total: money.New(190050, "eur"), PaidAt: galleryEnd.AddDate(0, -2, 0), HostedURL: "#", PDF: "#"},
		},
	}
}

func galleryDone(f frame) homeView {
	v := galleryHome(f)
	v.Done, v.Status.CancelAt = "canceled", galleryEnd
	return v
}

func galleryFree(f frame) homeView {
	v := galleryHome(f)
	v.ReturnURL, v.Status.PlanName, v.Status.Method, v.Invoices, v.Status.Price = "", "Starter", nil, nil, "starter-monthly"
	v.Price = billing.Price{Key: "starter-monthly", Amount: money.New(0, "eur"), Interval: billing.Month, IntervalCount: 1}
	return v
}

func galleryFailed(f frame) homeView {
	v := galleryHome(f)
	v.Status.Action, v.Status.Next, v.NextName = billing.UpdateCard, billing.NextPlan{At: galleryEnd, PriceKey: "basic-monthly"}, "Basic"
	v.Invoices[0].Status = billing.InvoiceOpen
	return v
}

func galleryOffers(f frame) offersView {
	in := []feature{{"Export", true}, {f.about("plans.limit", struct {
		Name  string
		Limit int64
		Each  bool
	}{"Projects", 10, false}), true}, {"Single sign-on", false}}
	free := billing.Price{Amount: money.New(0, "eur"), Interval: billing.Month}
	offers := []offer{
		{Plan: billing.Plan{Name: "Starter", Description: "To look around."}, Features: in[1:], Href: "#", Button: f.about("plans.choose", "Starter")},
		{Plan: billing.Plan{Name: "Premium", Description: "For who writes each day."}, Features: in, Current: true},
		{Plan: billing.Plan{Name: "Team", Description: "For who writes together."}, Features: in, Href: "#", Button: f.about("plans.choose", "Team"), Note: f.about("plans.trial", 14)},
	}
	for i, price := range []billing.Price{free, galleryPrice, {Amount: money.New(1200, "eur"), Interval: billing.Month, IntervalCount: 1, Kind: billing.PerSeat}} {
		offers[i].Amount, offers[i].Per = f.price(price, "", "")
	}
	return offersView{
		frame: f, Title: f.text("plans.title"), Offers: offers, Back: f.at(""),
		Periods: []period{{f.text("every.month"), "#", true}, {f.text("every.year"), "#", false}},
	}
}

func galleryChange(f frame) changeView {
	v := changeView{frame: f, Plan: billing.Plan{Name: "Team"}, Price: billing.Price{Key: "team-yearly"}, Preview: &service.ChangePreview{
		Preview: billing.Preview{
			Lines: []billing.InvoiceLine{
				{Description: "Unused time on Premium after 3 Feb 2027", Amount: money.New(-1200, "eur")}, {Description: "1 × Team (at €120.00 / year)", Amount: money.New(12000, "eur")},
			},
			Applied: money.New(500, "eur"), AmountDue: money.New(10300, "eur"),
		},
		Planned: billing.PlannedChange{When: billing.ChangeNow, Item: billing.Item{Period: billing.Period{End: galleryEnd}}}, Token: "token",
	}}
	v.Amount, v.Per = f.price(billing.Price{Amount: money.New(12000, "eur"), Interval: billing.Year, IntervalCount: 1}, "", "")
	return v
}
