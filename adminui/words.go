package adminui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// The states of events and effects.
const (
	statePending = "pending"
	stateRunning = "running" // of an event
	stateDone    = "done"
	stateDead    = "dead"
	stateIgnored = "ignored"
)

// shownState gives the states of events, effects and purchases the words of the pages.
func shownState(state string) string {
	if state == stateDead {
		return "given_up"
	}
	if state == statePending {
		return "waiting"
	}
	if state == string(billing.PurchaseCompleted) {
		return "complete"
	}
	return state
}

// effectName is what an effect is about, for people.
func effectName(e service.Effect) string {
	switch billing.EffectKind(e.Kind) {
	case billing.MailEffect:
		return "Mail: " + e.Name
	case billing.NoticeEffect:
		return "Notice to " + e.Endpoint + ": " + e.Name
	}
	return "Call to Stripe: " + e.Name
}

// sentence makes a sentence of what an error says.
func sentence(message string) string {
	first, size := utf8.DecodeRuneInString(message)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(message[size:], ".") + "."
}
