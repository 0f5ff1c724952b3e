package engine

import (
	"encoding/json"
	"strings"
)

// Commands are journalled, and a number that is no published test card may be somebody's real card, typed by mistake. No command charges
// such a number, so a replay needs it no more than the disk does: JSON never holds it, nor the code that was typed beside it.

// hiddenNumber stands in JSON where a card number was. It is refused as every number that is no test card is.
const hiddenNumber = "left out: not a test card"

// publicNumber reports whether a card number is in Stripe's documentation, and so may be written down.
func publicNumber(number string) bool {
	_, known := cardsByNumber[bareNumber(number)]
	return known
}

// bareNumber is a card number without the blanks and dashes that people group its digits with.
func bareNumber(number string) string { return strings.NewReplacer(" ", "", "-", "").Replace(number) }

// MarshalJSON writes the entry without a number that may be a real card's.
func (e CardEntry) MarshalJSON() ([]byte, error) {
	type plain CardEntry
	if e.Number != "" && !publicNumber(e.Number) {
		e.Number, e.CVC = hiddenNumber, ""
	}
	return json.Marshal(plain(e))
}

// MarshalJSON writes the input without a number that may be a real card's.
func (in CardInput) MarshalJSON() ([]byte, error) {
	type plain CardInput
	if number, ok := in.Number.Get(); ok && !publicNumber(number) {
		in.Number, in.CVC = Some(hiddenNumber), Opt[string]{}
	}
	return json.Marshal(plain(in))
}
