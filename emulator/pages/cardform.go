package pages

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// cardFormOf reads the card fields of a form, as typed.
func cardFormOf(r *http.Request) cardForm {
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return cardForm{
		Number: field("cardNumber"), Expiry: field("cardExpiry"), CVC: field("cardCvc"),
		Name: field("billingName"), PostalCode: field("billingPostalCode"), Problems: problems{},
	}
}

// prefilled is the form as a link with ?card= asks for it.
func prefilled(r *http.Request) cardForm {
	card, ok := testCardByNumber(r.URL.Query().Get("card"))
	if !ok {
		return cardForm{}
	}
	return card.filled()
}

// check finds what is missing, in Stripe's words. Whether the number is that of
// a card, and what the card does, is the engine's business.
func (f cardForm) check() problems {
	if len(onlyDigits(f.Number)) < 12 {
		f.Problems["cardNumber"] = "Your card number is incomplete."
	}
	if _, _, ok := expiryOf(f.Expiry); !ok {
		f.Problems["cardExpiry"] = "Your card's expiration date is incomplete."
	}
	if len(onlyDigits(f.CVC)) < 3 {
		f.Problems["cardCvc"] = "Your card's security code is incomplete."
	}
	if f.Name == "" {
		f.Problems["billingName"] = "Enter the name on the card."
	}
	return f.Problems
}

// first is the topmost field that is wrong: there the cursor goes.
func (f cardForm) first() string {
	for _, name := range []string{"email", "cardNumber", "cardExpiry", "cardCvc", "billingName", "billingPostalCode"} {
		if f.Problems[name] != "" {
			return name
		}
	}
	return ""
}

// withoutSecret is the form to show again: everything but the security code.
func (f cardForm) withoutSecret() cardForm {
	f.CVC = ""
	return f
}

// expiryOf reads MM/YY in the ways people and browsers write it.
func expiryOf(s string) (month, year int64, ok bool) {
	first, second, parted := strings.Cut(s, "/")
	first, second = onlyDigits(first), onlyDigits(second)
	if !parted && (len(first) == 4 || len(first) == 6) {
		first, second = first[:2], first[2:]
	}
	if first == "" || len(second) != 2 && len(second) != 4 {
		return 0, 0, false
	}
	month, monthErr := strconv.ParseInt(first, 10, 64)
	year, yearErr := strconv.ParseInt(second, 10, 64)
	if len(second) == 2 {
		year += 2000
	}
	return month, year, errors.Join(monthErr, yearErr) == nil
}

// problemFields says beside which field an error of the engine belongs, by its
// code; a code that is not here belongs to the whole form.
var problemFields = map[string]string{
	"incorrect_number": "cardNumber", "invalid_number": "cardNumber", "card_declined": "cardNumber", "processing_error": "cardNumber",
	"expired_card": "cardExpiry", "invalid_expiry_month": "cardExpiry", "invalid_expiry_year": "cardExpiry",
	"incorrect_cvc": "cardCvc", "invalid_cvc": "cardCvc",
	"incorrect_zip": "billingPostalCode", "email_invalid": "email",
}

// problemsOf places the text of a refusal beside its field.
func problemsOf(e *engine.Error) problems {
	if field := answerField(e.Param); field != "" && e.Type != engine.CardError {
		return problems{field: e.Message}
	}
	return problems{problemFields[e.Code]: e.Message}
}

// refusalStatus is the status of a page that shows a refusal.
func refusalStatus(e *engine.Error) int {
	if e.Type == engine.CardError {
		return http.StatusPaymentRequired
	}
	return http.StatusUnprocessableEntity
}

// cardText names a card in running text.
func cardText(c engine.Card) string { return brandName(c.Brand) + " ending in " + c.Last4 }

// cardExpiry writes a card's expiry as printed on it.
func cardExpiry(c engine.Card) string {
	month := strconv.FormatInt(c.ExpMonth, 10)
	if len(month) < 2 {
		month = "0" + month
	}
	return month + "/" + strconv.FormatInt(c.ExpYear%100, 10)
}

// expired says whether a card's last month is over.
func expired(c engine.Card, now time.Time) bool {
	return !now.Before(time.Date(int(c.ExpYear), time.Month(c.ExpMonth)+1, 1, 0, 0, 0, 0, time.UTC))
}

// onlyDigits drops everything but digits, so that numbers may be typed in groups.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
