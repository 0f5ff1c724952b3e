package pages

// testCard is one of Stripe's published test cards, offered on every form that
// takes a card.
type testCard struct {
	Number string // as printed, in groups
	Brand  string
	Result string
}

// testCards are the ones a developer reaches for: each behaves differently.
var testCards = []testCard{
	{"4242 4242 4242 4242", "visa", "Succeeds"},
	{"5555 5555 5555 4444", "mastercard", "Succeeds"},
	{"3782 822463 10005", "amex", "Succeeds"},
	{"4000 0025 0000 3155", "visa", "Asks for 3-D Secure once"},
	{"4000 0027 6000 3184", "visa", "Asks for 3-D Secure always"},
	{"4000 0000 0000 0341", "visa", "Fails at renewal"},
	{"4000 0000 0000 9995", "visa", "Insufficient funds"},
	{"4000 0000 0000 0002", "visa", "Declined"},
	{"4000 0000 0000 0069", "visa", "Expired card"},
	{"4000 0000 0000 0127", "visa", "Wrong security code"},
	{"4000 0000 0000 0119", "visa", "Processing error"},
}

// testCardByNumber finds a test card by its digits, so that a link can fill the form.
func testCardByNumber(digits string) (testCard, bool) {
	for _, c := range testCards {
		if onlyDigits(c.Number) == onlyDigits(digits) {
			return c, true
		}
	}
	return testCard{}, false
}

// filled is the form as a developer would fill it for this card.
func (c testCard) filled() cardForm {
	f := cardForm{Number: c.Number, Expiry: "12 / 34", CVC: "123", Name: "Ada Lovelace", PostalCode: "12345"}
	if c.Brand == "amex" {
		f.CVC = "1234"
	}
	return f
}
