package wire

import "strings"

// endiveFirst began the train after the native version.
const endiveFirst = "2026-09-30.endive"

// pauseWords are the parameters of a pause.
const pauseWords = "{bill_for:{outstanding_usage_through:{type!:<none,now>};unused_time_from:{type!:<item_current_period_start,none,now>}};" +
	"invoicing_behavior:<invoice,pending_invoice_item>;type:<subscription>}"

// pausesPlanned are the pauses that a schedule plans.
const pausesPlanned = "[{key:s5000;pause:{pause_at:{timestamp:t;type!:<now,timestamp>};settings:{bill_for:{" +
	"outstanding_usage_through:{type:<none,pause_at>};unused_time_from:{type:<item_current_period_start,none,pause_at>}};" +
	"invoicing_behavior:<invoice,pending_invoice_item>;type:<subscription>}};resume:{resume_at:{duration:{interval!:<day,month,week,year>;" +
	"interval_count:i};timestamp:t;type!:<duration,now,timestamp>};settings:{billing_cycle_anchor:<resume_at,unchanged>;" +
	"payment_behavior:<resume_on_payment_attempt,resume_on_payment_success>;proration_behavior:<always_invoice,create_prorations,none>}}}]"

var pauseRoutes = []*route{
	since(endiveFirst, "subscription "+strings.Replace(pauseWords, ";invoicing", ";expand:[s5000];invoicing", 1),
		post("/v1/subscriptions/{subscription}/pause", "PauseSubscription")),
}

// endiveStatus is what endive shows of statuses. It came after the native version, so it is applied and not undone.
var endiveStatus = &change{
	version: endiveFirst, what: "subscriptions are paused; they and invoices tell why they are where they are",
	params: []paramChange{
		{op: "POST /v1/subscriptions/{subscription}/resume", brought: map[string]string{
			"payment_behavior": "<resume_on_payment_attempt,resume_on_payment_success>",
		}},
		{op: previewInvoice, brought: map[string]string{
			"subscription_details.pause": pauseWords, "schedule_details.pause_schedules": "(" + pausesPlanned + "/<>)",
		}},
		{op: createSchedule, brought: map[string]string{"pause_schedules": pausesPlanned}},
		{op: updateSchedule, brought: map[string]string{"pause_schedules": "(" + pausesPlanned + "/<>)"}},
	},
	after: map[string]func(*view, object){
		"subscription": func(_ *view, o object) {
			if settings, ok := o["trial_settings"].(object); ok {
				if end, ok := settings["end_behavior"].(object); ok {
					end["billing_cycle_anchor"] = "now"
				}
			}
		},
		"subscription_item":     unlessGone("current_trial", nil),
		"subscription_schedule": func(_ *view, o object) { o["pause_schedules"] = []any{} },
		"product":               unlessGone("tax_details", nil),
		"checkout.session":      func(_ *view, o object) { o["allowed_payment_method_types"] = nil },
		"payment_intent":        func(_ *view, o object) { o["payment_record"] = nil },
	},
}

// unlessGone gives an object a key; what says only that it was deleted has none.
func unlessGone(key string, value any) func(*view, object) {
	return func(_ *view, o object) {
		if o["deleted"] != true {
			o[key] = value
		}
	}
}

// endive rewrites the request forms of the endive releases to those of dahlia, which the commands read:
// billing_cycle_anchor[type]=now was billing_cycle_anchor=now, and allowed_payment_method_types was payment_method_types.
func endive(form *Node) {
	for _, n := range []*Node{form, form.Child("subscription_details")} {
		if n == nil {
			continue
		}
		if anchor := n.Child("billing_cycle_anchor"); anchor != nil && anchor.branch {
			if kind := anchor.Child("type"); kind != nil && len(anchor.Children) == 1 {
				*anchor = *kind
			}
		}
	}
	if form.Child("payment_method_types") == nil {
		if types := form.Remove("allowed_payment_method_types"); types != nil {
			form.add("payment_method_types", types)
		}
	}
}

// uiModes are the words for Checkout's ui_mode before dahlia, by those of today.
var uiModes = map[string]string{"hosted_page": "hosted", "embedded_page": "embedded", "elements": "custom"}

var dahliaWords = &change{
	version: "2026-03-25.dahlia", what: "new words for the modes of Checkout's interface",
	params: []paramChange{{
		op: createSession, came: []string{"ui_mode"}, went: map[string]string{"ui_mode": "<custom,embedded,hosted>"},
		rewrite: func(form *Node) {
			if mode := form.Child("ui_mode"); mode != nil {
				for today, before := range uiModes {
					if mode.Text == before {
						mode.Text = today
					}
				}
			}
		},
	}},
	before: map[string]func(*view, object){"checkout.session": func(_ *view, o object) {
		if word, ok := uiModes[text(o["ui_mode"])]; ok {
			o["ui_mode"] = word
		}
	}},
}

// referenceBefore is how many characters of an invoice's id a payment told before dahlia.
const referenceBefore = 25

// cutReference shortens what a payment is for.
func cutReference(o object) {
	if details, ok := o["payment_details"].(object); ok {
		if reference, ok := details["order_reference"].(string); ok {
			details["order_reference"] = reference[:min(len(reference), referenceBefore)]
		}
	}
}
