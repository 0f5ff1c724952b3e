package pages

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
)

// authenticationFailed is Stripe's own text after a failed challenge.
const authenticationFailed = "We are unable to authenticate your payment method. Please choose a different payment method and try again."

// The words by which a redirect says what went wrong. A page says it in full; a
// free text in an address would let anybody put words into its mouth.
const (
	problemAuthentication = "authentication"
	problemDeclined       = "declined"
	problemNoFunds        = "insufficient_funds"
	problemTooLate        = "too_late"
)

var problemTexts = map[string]string{
	problemAuthentication: authenticationFailed,
	problemDeclined:       "Your card was declined.",
	problemNoFunds:        "Your card has insufficient funds.",
	problemTooLate:        "That could not be done any more. This is how things stand now.",
}

// problemWord is the word for what ended a payment after its challenge; nil is
// a challenge that was failed.
func problemWord(refused *engine.Error) string {
	switch {
	case refused == nil || refused.DeclineCode == "" || refused.DeclineCode == "authentication_required":
		return problemAuthentication
	case refused.DeclineCode == "insufficient_funds":
		return problemNoFunds
	}
	return problemDeclined
}

// portalDone says what an action of the portal did, by the word that its
// redirect carries.
var portalDone = map[string]string{
	"switched":     "Your plan is changed.",
	"card_added":   "Your card was added. It is the one that your plans are paid with now.",
	"card_default": "Your plans are paid with this card from now on.",
	"card_removed": "The card was removed.",
	"canceled":     "Your plan is canceled. You keep it until the end of the period.",
	"ended":        "Your plan has ended.",
	"details":      "Your information was changed.",
	"resumed":      "Your plan goes on as before.",
}

func completeEnd(company, href string) endView {
	return endView{Company: company, Title: "All done", Text: "This checkout is complete. Nothing more is charged when you come back to this page.", Good: true, Href: href, HrefText: "Continue to " + company}
}

func expiredEnd(company, href string) endView {
	return endView{Company: company, Title: "This page has expired", Text: "The time to pay here has run out, and nothing was charged. Go back to begin again.", Href: href, HrefText: "Return to " + company}
}

func unknownEnd(what string) endView {
	return endView{Company: "Dues emulator", Title: "Nothing is here", Text: "No account of this emulator has such a " + what + ". It may have been started anew since the link was made."}
}

func settledChallenge(company string) endView {
	return endView{Company: company, Title: "Nothing to confirm", Text: "This payment is not waiting for a confirmation. You can close this page.", Good: true}
}

func expiredPortal(company, href string) endView {
	return endView{Company: company, Title: "This link has expired", Text: "Links to the billing page work for a short time only. Open it again from your account.", Href: href, HrefText: "Return to " + company}
}

// cancelReasons are Stripe's reasons for a cancellation, limited to those that
// the portal's configuration offers; nil offers all.
func cancelReasons(offered []string) []reason {
	all := []reason{
		{"too_expensive", "It costs too much"}, {"missing_features", "Something I need is missing"}, {"switched_service", "I found another service"},
		{"unused", "I don't use it enough"}, {"customer_service", "I am unhappy with the support"}, {"too_complex", "It is too hard to use"},
		{"low_quality", "The quality is not what I expected"}, {"other", "Another reason"},
	}
	if offered == nil {
		return all
	}
	var out []reason
	for _, r := range all {
		for _, o := range offered {
			if r.Value == o {
				out = append(out, r)
			}
		}
	}
	return out
}

// brandName is a card network's own spelling of its name.
func brandName(brand string) string { return design.CardName(brand) }

// every says how often a price is billed: "per month", "every 3 months".
func every(r *engine.Recurring) string {
	if r == nil {
		return ""
	}
	if r.IntervalCount <= 1 {
		return "per " + r.Interval
	}
	return "every " + strconv.FormatInt(r.IntervalCount, 10) + " " + r.Interval + "s"
}

// amountOf is an amount of the engine as money.
func amountOf(minor int64, currency string) money.Amount {
	return money.New(minor, money.Currency(currency))
}

// dayText is a day in running text.
func dayText(unix int64) string { return design.FormatDate(time.Unix(unix, 0)) }

// moment is a time of the engine.
func moment(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

// unitText is what one of something costs; amounts below the minor unit are
// written out. Tiered prices have no such amount.
func unitText(p *engine.Price) string {
	if p == nil || p.UnitAmount == nil {
		return ""
	}
	return design.FormatUnit(p.UnitAmount.String(), money.Currency(p.Currency))
}

// priceText is a price as a buyer reads it: "€12.00 per month", "3 × €12.00 per month".
func priceText(p *engine.Price, quantity int64) string {
	var parts []string
	switch unit := unitText(p); {
	case p == nil:
		return ""
	case unit == "":
		parts = append(parts, "Billed by use")
	case quantity != 1:
		parts = append(parts, strconv.FormatInt(quantity, 10)+" × "+unit)
	default:
		parts = append(parts, unit)
	}
	if p.Recurring != nil {
		parts = append(parts, every(p.Recurring))
	}
	return strings.Join(parts, " ")
}

// outward is an address of the application that a page may link to; anything
// but a web address gives none.
func outward(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return address
}

func failedEnd(err error) endView {
	return endView{Company: "Dues emulator", Title: "The emulator failed", Text: "This is a fault of the emulator, not of your application: " + err.Error()}
}
