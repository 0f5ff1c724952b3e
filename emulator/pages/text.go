package pages

// authenticationFailed is Stripe's own text after a failed challenge.
const authenticationFailed = "We are unable to authenticate your payment method. Please choose a different payment method and try again."

// portalDone says what an action of the portal did, by the word that its
// redirect carries.
var portalDone = map[string]string{
	"card_added":   "Your card was added. It is the one that your plans are paid with now.",
	"card_default": "Your plans are paid with this card from now on.",
	"card_removed": "The card was removed.",
	"canceled":     "Your plan is cancelled. You keep it until the end of the period.",
	"ended":        "Your plan has ended.",
	"resumed":      "Your plan goes on as before.",
}

func completeEnd(company, href string) checkoutEnd {
	return checkoutEnd{Company: company, Title: "All done", Text: "This checkout is complete. Nothing more is charged when you come back to this page.", Good: true, Href: href, HrefText: "Continue to " + company}
}

func expiredEnd(company, href string) checkoutEnd {
	return checkoutEnd{Company: company, Title: "This page has expired", Text: "The time to pay here has run out, and nothing was charged. Go back to begin again.", Href: href, HrefText: "Return to " + company}
}

func unknownEnd(what string) checkoutEnd {
	return checkoutEnd{Company: "Dues emulator", Title: "Nothing is here", Text: "No account of this emulator has such a " + what + ". It may have been started anew since the link was made."}
}

func settledChallenge(company string) checkoutEnd {
	return checkoutEnd{Company: company, Title: "Nothing to confirm", Text: "This payment is not waiting for a confirmation. You can close this page.", Good: true}
}

func expiredPortal(company, href string) checkoutEnd {
	return checkoutEnd{Company: company, Title: "This link has expired", Text: "Links to the billing page work for a short time only. Open it again from your account.", Href: href, HrefText: "Return to " + company}
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
