package engine

import "fmt"

// refusal is what a decline code says in errors and on charges (chapter 6.5).
type refusal struct {
	code    string // error code, "" is card_declined
	message string
	advice  string
	network string // network_decline_code
	hint    string // network_advice_code
	param   string
}

const declinedMessage = "Your card was declined."

var refusals = map[string]refusal{
	"generic_decline":    {message: declinedMessage, advice: "try_again_later", network: "01"},
	"insufficient_funds": {message: "Your card has insufficient funds.", advice: "try_again_later", network: "51", hint: "02"},
	"lost_card":          {message: declinedMessage, advice: "do_not_try_again", network: "41", hint: "01"},
	"stolen_card":        {message: declinedMessage, advice: "do_not_try_again", network: "43", hint: "01"},
	"card_velocity_exceeded": {
		message: "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
		advice:  "try_again_later", network: "61", hint: "02",
	},
	"fraudulent":       {message: declinedMessage},
	"expired_card":     {code: "expired_card", message: "Your card has expired.", advice: "confirm_card_data", network: "54", hint: "03", param: "exp_month"},
	"incorrect_cvc":    {code: "incorrect_cvc", message: "Your card's security code is incorrect.", advice: "confirm_card_data", network: "N7", hint: "03", param: "cvc"},
	"incorrect_zip":    {code: "incorrect_zip", message: "The zip code you supplied failed validation.", advice: "confirm_card_data", param: "address_zip"},
	"incorrect_number": {code: "incorrect_number", message: "Your card number is incorrect.", param: "number"},
	"processing_error": {
		code: "processing_error", message: "An error occurred while processing your card. Try again in a little bit.",
		advice: "try_again_later", network: "06",
	},
	"authentication_required": {
		code:    "authentication_required",
		message: "Your card was declined. This transaction requires authentication.",
	},
	"test_mode_live_card": {
		message: "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: " +
			"https://stripe.com/docs/testing.",
	},
}

// cardError is the 402 for a decline code.
func cardError(decline string) *Error {
	r, ok := refusals[decline]
	if !ok {
		panic("engine: decline code without a text: " + decline)
	}
	e := &Error{
		Status: 402, Type: CardError, Code: r.code, DeclineCode: decline, Message: r.message, Param: r.param,
		AdviceCode: r.advice, NetworkDeclineCode: r.network, NetworkAdviceCode: r.hint,
	}
	if e.Code == "" {
		e.Code = "card_declined"
	}
	return e
}

// badCard is the 402 for card data that cannot be right; it has no decline code.
func badCard(code, param, format string, args ...any) *Error {
	return &Error{Status: 402, Type: CardError, Code: code, Param: param, Message: fmt.Sprintf(format, args...)}
}
