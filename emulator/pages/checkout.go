package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// checkout shows a session: the form while it is open, what became of it after.
func (s *site) checkout(w http.ResponseWriter, r *http.Request) error {
	world, ok := findObject[engine.CheckoutSession](s.host, r.PathValue("id"))
	if !ok {
		return missing(w, r, "checkout session")
	}
	form := prefilled(r)
	if text := problemTexts[r.URL.Query().Get("problem")]; text != "" {
		form.Problems = problems{generalProblem: text}
	}
	return s.showCheckout(w, r, world, http.StatusOK, form)
}

// showCheckout shows the session with a form as typed so far.
func (s *site) showCheckout(w http.ResponseWriter, r *http.Request, world World, status int, form cardForm) error {
	var open *checkoutView
	var end endView
	world.Read(func(eng *engine.World, now int64) {
		session, _ := engine.Get[engine.CheckoutSession](eng, r.PathValue("id"))
		switch session.Status {
		case engine.SessionComplete:
			var own bool
			if end, own = confirmation(eng, session); !own {
				end = completeEnd(eng.Settings().AccountName, successURL(session))
			}
		case engine.SessionExpired:
			end = expiredEnd(eng.Settings().AccountName, outward(session.CancelURL))
		default:
			v := checkoutViewOf(eng, timeOn(eng, now, session.TestClock), session)
			v.Asks = questionsOf(eng, session, r, form.Problems)
			form.WithAddress = len(v.Asks.Address) > 0
			v.Summary.Basket = basketOf(eng, session, r.PostFormValue("promotionCode"), form.Problems)
			open = &v
		}
	})
	if open == nil {
		return show(w, r, http.StatusOK, endPage(end))
	}
	open.Form = form
	open.ShowTests = form.Number == ""
	if typed := r.FormValue("email"); typed != "" && !open.EmailFixed {
		open.Email = typed
	}
	return show(w, r, status, checkoutPage(*open))
}

// successURL is where the payer goes after the session, with its id filled in.
func successURL(s *engine.CheckoutSession) string {
	target := s.SuccessURL
	if target == "" {
		target = s.ReturnURL
	}
	return outward(strings.ReplaceAll(target, "{CHECKOUT_SESSION_ID}", s.ID))
}

// afterCheckout is where the payer goes: to the application, or to the confirmation of a payment link.
func afterCheckout(w *engine.World, s *engine.CheckoutSession) string {
	if _, own := confirmation(w, s); own {
		return checkoutPath(s.ID)
	}
	return successURL(s)
}

// submitCheckout pays. Pressing twice pays once: the second press finds the
// session complete and goes where the first one went.
func (s *site) submitCheckout(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	world, ok := findObject[engine.CheckoutSession](s.host, id)
	if !ok {
		return missing(w, r, "checkout session")
	}
	if card := r.PostFormValue("fill"); card != "" {
		return move(w, r, checkoutPath(id)+"?"+typedWith(r, card).Encode())
	}
	view, session, open := checkoutNow(world, id)
	if !open {
		return s.leaveCheckout(w, r, world)
	}
	form, email := cardFormOf(r), strings.TrimSpace(r.PostFormValue("email"))
	if view.NeedsCard {
		form.check()
	}
	if view.EmailFixed {
		email = view.Email
	} else if email == "" {
		form.Problems["email"] = "Enter your e-mail address."
	}
	answers := answersOf(r, session)
	for _, wrong := range answers.Problems(session) {
		form.Problems[answerField(wrong.Param)] = wrong.Message
	}
	if len(form.Problems) > 0 {
		return s.showCheckout(w, r, world, http.StatusUnprocessableEntity, form.withoutSecret())
	}
	result, err := world.Apply(checkoutCommand(id, email, view.NeedsCard, form, answers))
	if err != nil {
		refused, err := refusal(err)
		if err != nil {
			return err
		}
		if _, _, open := checkoutNow(world, id); !open {
			return s.leaveCheckout(w, r, world)
		}
		form.Problems = problemsOf(refused)
		return s.showCheckout(w, r, world, refusalStatus(refused), form.withoutSecret())
	}
	if challenge := challengeOf(result); challenge != "" {
		return move(w, r, challengePath(challenge))
	}
	return s.leaveCheckout(w, r, world)
}

// typedWith is what was typed so far beside the card, with the test card that is to be filled in.
func typedWith(r *http.Request, card string) url.Values {
	typed := url.Values{}
	for name, values := range r.PostForm {
		if name != "fill" && !strings.HasPrefix(name, "card") && name != "billingName" {
			typed[name] = values
		}
	}
	typed.Set("card", card)
	return typed
}

// checkoutNow is the session with its view, and whether it still takes a payment.
func checkoutNow(world World, id string) (v checkoutView, session *engine.CheckoutSession, open bool) {
	world.Read(func(eng *engine.World, now int64) {
		session, _ = engine.Get[engine.CheckoutSession](eng, id)
		if open = session.Status == engine.SessionOpen; open {
			v = checkoutViewOf(eng, timeOn(eng, now, session.TestClock), session)
		}
	})
	return v, session, open
}

// leaveCheckout goes on from a session that is over: to the application when it
// is complete, else to the page that says so.
func (s *site) leaveCheckout(w http.ResponseWriter, r *http.Request, world World) error {
	id, target := r.PathValue("id"), ""
	world.Read(func(eng *engine.World, _ int64) {
		if session, _ := engine.Get[engine.CheckoutSession](eng, id); session.Status == engine.SessionComplete {
			target = afterCheckout(eng, session)
		}
	})
	if target == "" {
		target = checkoutPath(id)
	}
	return move(w, r, target)
}
