package wire

import "testing"

// A card is a number or a token: two objects, told apart by what was sent.
func TestTheAlternativeThatKnowsEveryParameterIsChosen(t *testing.T) {
	t.Parallel()
	def := stripeSpec().ops["POST /v1/payment_methods"].params()
	for _, c := range []struct{ form, param string }{
		{"type=card&card[token]=tok_visa", ""},
		{"type=card&card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=2030", ""},
		{"type=card&card[token]=tok_visa&card[shade]=blue", "card[token]"},
	} {
		form, err := ParseForm(c.form)
		if err != nil {
			t.Fatal(err)
		}
		param := ""
		if refused := checkParams(def, form); refused != nil {
			param = refused.Param
		}
		if param != c.param {
			t.Errorf("%s: param %q, want %q", c.form, param, c.param)
		}
	}
}
