package pages

import (
	"strconv"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

func checkoutPath(session string) string { return "/c/pay/" + session }

// checkoutViewOf is the page of an open session.
func checkoutViewOf(w *engine.World, now int64, s *engine.CheckoutSession) checkoutView {
	company := w.Settings().AccountName
	v := checkoutView{
		Path:      checkoutPath(s.ID),
		Summary:   checkoutSummary(w, now, s),
		Email:     checkoutEmail(w, s),
		NeedsCard: s.PaymentMethodCollection != engine.CollectIfRequired || s.AmountTotal > 0 || s.Mode == engine.ModeSetup,
	}
	v.EmailFixed = v.Email != ""
	if s.CustomerDetails != nil && !v.EmailFixed {
		v.Email = s.CustomerDetails.Email // typed at an earlier try
	}
	switch {
	case s.Mode == engine.ModeSetup:
		v.Submit = "Save card"
		v.Fine = "By confirming you allow " + company + " to charge your card for future payments."
	case s.Mode == engine.ModePayment:
		v.Submit = payText(s)
	case trialEnd(now, s) > 0:
		v.Submit = "Start trial"
	default:
		v.Submit = "Subscribe"
	}
	if s.Mode == engine.ModeSubscription && v.NeedsCard {
		v.Fine = "By confirming you allow " + company + " to charge your card for future payments until you cancel."
	}
	return v
}

// payText is what the button of a payment says, as submit_type wants it.
func payText(s *engine.CheckoutSession) string {
	amount := design.FormatMoney(amountOf(s.AmountTotal, s.Currency))
	switch s.SubmitType {
	case "book":
		return "Book for " + amount
	case "donate":
		return "Donate " + amount
	}
	return "Pay " + amount
}

// checkoutEmail is who pays, when the application said so.
func checkoutEmail(w *engine.World, s *engine.CheckoutSession) string {
	if c, ok := engine.Get[engine.Customer](w, s.Customer); ok && c.Email != "" {
		return c.Email
	}
	return s.CustomerEmail
}

// trialEnd is when the trial that this session would begin now ends, or 0.
func trialEnd(now int64, s *engine.CheckoutSession) int64 {
	const daySeconds = 24 * 60 * 60
	switch d := s.SubscriptionData; {
	case d.TrialEnd > 0:
		return d.TrialEnd
	case d.TrialPeriodDays > 0:
		return now + d.TrialPeriodDays*daySeconds
	}
	return 0
}

func checkoutSummary(w *engine.World, now int64, s *engine.CheckoutSession) summary {
	out := summary{Company: w.Settings().AccountName, BackHref: outward(s.CancelURL), BackText: "Back"}
	if s.Mode == engine.ModeSetup {
		out.Title, out.Headline = "Nothing is charged now", "Save a card"
		out.Note = out.Company + " keeps the card for later payments."
		return out
	}
	var first string // what is bought
	var rhythm *engine.Recurring
	var each int64 // what every period will cost
	mixed := false // prices of several rhythms have no common headline
	for _, line := range s.Lines {
		shown, price := checkoutLine(w, line)
		shown.Change = basketLineOf(s, line)
		if first == "" {
			first = shown.Name
		}
		if price != nil && price.Recurring != nil {
			mixed = mixed || rhythm != nil && every(rhythm) != every(price.Recurring)
			rhythm = price.Recurring
			each += line.Amount
			shown.After = billedText(now, s, rhythm)
		}
		out.Lines = append(out.Lines, shown)
	}
	total := amountOf(s.AmountTotal, s.Currency)
	out.Headline = design.FormatMoney(total)
	out.Title = "Pay " + out.Company
	if len(out.Lines) > 1 || s.AllowPromotionCodes != nil || s.Mode == engine.ModePayment {
		out.Sums = []summarySum{{Name: "Subtotal", Amount: amountOf(s.AmountSubtotal, s.Currency)}}
	}
	out.Sums = append(out.Sums, checkoutCuts(s)...)
	if s.Mode == engine.ModeSubscription {
		out.Title = "Subscribe to " + first
		out.subscribed(now, s, design.FormatMoney(amountOf(each, s.Currency)), rhythm, mixed)
	}
	out.Sums = append(out.Sums, summarySum{Name: "Total due today", Amount: total, Strong: true})
	return out
}

// subscribed fills in what a subscription costs from now on.
func (out *summary) subscribed(now int64, s *engine.CheckoutSession, each string, rhythm *engine.Recurring, mixed bool) {
	later := each + " " + every(rhythm)
	if mixed {
		later = "your plan's price"
	}
	if end := trialEnd(now, s); end > 0 {
		out.Headline = trialText(now, end)
		out.Note = "Then " + later + " from " + dayText(end)
		return
	}
	if !mixed && out.Headline == each {
		out.Per = every(rhythm)
		return
	}
	out.Note = "Then " + later
}

// checkoutCuts are what stands between the subtotal and the total: discount and tax.
func checkoutCuts(s *engine.CheckoutSession) []summarySum {
	var out []summarySum
	if s.AmountDiscount != 0 {
		out = append(out, summarySum{Name: "Discount", Amount: amountOf(-s.AmountDiscount, s.Currency)})
	}
	if s.AmountTax != 0 {
		out = append(out, summarySum{Name: "Tax", Amount: amountOf(s.AmountTax, s.Currency)})
	}
	return out
}

// trialText is the length of a trial: "14 days free".
func trialText(now, end int64) string {
	const daySeconds = 24 * 60 * 60
	days := (end - now + daySeconds - 1) / daySeconds
	if days == 1 {
		return "1 day free"
	}
	return strconv.FormatInt(days, 10) + " days free"
}

func billedText(now int64, s *engine.CheckoutSession, r *engine.Recurring) string {
	if end := trialEnd(now, s); end > 0 {
		return trialText(now, end)
	}
	return "billed " + every(r)
}

func checkoutLine(w *engine.World, line *engine.CheckoutLine) (summaryLine, *engine.Price) {
	out := summaryLine{Name: line.Description, Amount: amountOf(line.Amount, line.Currency)}
	price, _ := engine.Get[engine.Price](w, line.Price)
	if product, ok := engine.Get[engine.Product](w, line.Product); ok {
		out.Name, out.Detail = product.Name, product.Description
	}
	if line.Quantity != 1 && price != nil {
		out.Detail = priceText(price, line.Quantity)
	}
	return out, price
}
