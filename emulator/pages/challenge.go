package pages

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

func challengePath(intent string) string { return "/3ds/" + intent }

// intent is a payment or setup intent, as far as a challenge cares.
type intent struct {
	waiting   bool // it is under challenge
	succeeded bool
	secret    string
	kind      string // as it is called in the parameters of a return URL
	payment   *engine.PaymentIntent
	method    string
	clock     string                // the test clock it is on
	session   string                // the Checkout session that waits for it
	portal    *engine.PortalSession // that waits for it
	invoice   string                // the path of the hosted invoice that waits for it
	returnURL string
}

func intentOf(w *engine.World, id string) (intent, bool) {
	if p, ok := engine.Get[engine.PaymentIntent](w, id); ok {
		in := intent{
			waiting: p.Status == engine.RequiresAction, succeeded: p.Status == engine.IntentSucceeded || p.Status == engine.RequiresCapture,
			secret: p.ClientSecret, kind: "payment_intent", payment: p, method: p.PaymentMethod, session: p.CheckoutSession, clock: p.TestClock,
		}
		if inv, ok := engine.Get[engine.Invoice](w, p.Invoice); ok && inv.HostedToken != "" {
			in.invoice = invoicePath(w.AccountID(), inv.HostedToken)
		}
		if p.NextAction != nil {
			in.returnURL = outward(p.NextAction.ReturnURL)
		}
		return in, true
	}
	si, ok := engine.Get[engine.SetupIntent](w, id)
	if !ok {
		return intent{}, false
	}
	in := intent{
		waiting: si.Status == engine.RequiresAction, succeeded: si.Status == engine.IntentSucceeded,
		secret: si.ClientSecret, kind: "setup_intent", method: si.PaymentMethod, session: si.CheckoutSession, clock: si.TestClock,
	}
	in.portal, _ = engine.Get[engine.PortalSession](w, si.PortalSession)
	if si.NextAction != nil {
		in.returnURL = outward(si.NextAction.ReturnURL)
	}
	return in, true
}

// findIntent looks for the world of an intent.
func (s *site) findIntent(id string) (World, bool) {
	return find(s.host, func(w *engine.World) bool {
		_, ok := intentOf(w, id)
		return ok
	})
}

func (s *site) challenge(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("intent")
	world, ok := s.findIntent(id)
	if !ok {
		return missing(w, r, "payment")
	}
	v, waiting := challengeViewOf(world, id)
	if !waiting {
		return show(w, r, http.StatusOK, endPage(settledChallenge(v.Company)))
	}
	return show(w, r, http.StatusOK, challengePage(v))
}

// framedChallenge is the challenge as Stripe.js shows it above a site's own page.
func (s *site) framedChallenge(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("intent")
	world, ok := s.findIntent(id)
	if !ok {
		return missing(w, r, "payment")
	}
	v, waiting := challengeViewOf(world, id)
	v.Path += "/frame"
	page := challengePage(v)
	if !waiting {
		page = answeredPage()
	}
	design.ServeFramed(w, r, http.StatusOK, page)
	return nil
}

func challengeViewOf(world World, id string) (v challengeView, waiting bool) {
	world.Read(func(eng *engine.World, now int64) {
		in, _ := intentOf(eng, id)
		waiting = in.waiting
		v = challengeView{Path: challengePath(id), Company: eng.Settings().AccountName, Date: moment(timeOn(eng, now, in.clock))}
		if in.payment != nil {
			amount := amountOf(in.payment.Amount, in.payment.Currency)
			v.Amount = &amount
		}
		if method, ok := engine.Get[engine.PaymentMethod](eng, in.method); ok {
			v.Card = cardText(method.Card)
		}
	})
	return v, waiting
}

// answerChallenge tells the engine what the payer pressed and goes back to
// where the payment began. A second press finds nothing to answer and only goes
// back.
func (s *site) answerChallenge(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("intent")
	world, ok := s.findIntent(id)
	if !ok {
		return missing(w, r, "payment")
	}
	before, refused, err := resolve(world, id, r.PostFormValue("outcome"))
	if err != nil {
		return wrongOutcome(w, err)
	}
	target := ""
	world.Read(func(eng *engine.World, _ int64) {
		after, _ := intentOf(eng, id)
		after.returnURL = before.returnURL // the engine forgets it with the challenge
		target = after.next(eng, id, refused)
	})
	if target == "" {
		target = challengePath(id)
	}
	return move(w, r, target)
}

// answerFramedChallenge is answerChallenge in a frame, whose page asks the API how it went.
func (s *site) answerFramedChallenge(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("intent")
	world, ok := s.findIntent(id)
	if !ok {
		return missing(w, r, "payment")
	}
	if _, _, err := resolve(world, id, r.PostFormValue("outcome")); err != nil {
		return wrongOutcome(w, err)
	}
	return move(w, r, challengePath(id)+"/frame")
}

var errOutcome = errors.New(`outcome must be "succeed" or "fail"`)

// wrongOutcome answers a form that is none of ours.
func wrongOutcome(w http.ResponseWriter, err error) error {
	if !errors.Is(err, errOutcome) {
		return err
	}
	http.Error(w, err.Error(), http.StatusBadRequest)
	return nil
}

// resolve tells the engine what the payer pressed, if it still waits for that. It returns the intent as it was before, and why the payment was
// refused after all.
func resolve(world World, id, outcome string) (before intent, refused *engine.Error, err error) {
	if outcome != "succeed" && outcome != "fail" {
		return before, nil, errOutcome
	}
	world.Read(func(eng *engine.World, _ int64) { before, _ = intentOf(eng, id) })
	if before.waiting {
		if _, err := world.Apply(&engine.ResolveChallenge{Intent: id, Outcome: outcome}); err != nil {
			refused, err = refusal(err)
			return before, refused, err
		}
	}
	return before, nil, nil
}

// next is where the payer goes after the challenge; empty for nowhere.
func (in intent) next(w *engine.World, id string, refused *engine.Error) string {
	problem := ""
	if !in.succeeded {
		problem = "?problem=" + problemWord(refused)
	}
	switch {
	case in.session != "":
		if s, ok := engine.Get[engine.CheckoutSession](w, in.session); ok && s.Status == engine.SessionComplete {
			return afterCheckout(w, s)
		}
		return checkoutPath(in.session) + problem
	case in.portal != nil:
		v := visit{session: in.portal}
		if !in.succeeded {
			return v.path("cards", "new") + problem
		}
		return v.afterwards("card_added")
	case in.returnURL != "":
		return in.returned(id)
	case in.invoice != "":
		return in.invoice + problem
	}
	return ""
}

// returned is the return URL with what Stripe adds to it.
func (in intent) returned(id string) string {
	u, err := url.Parse(in.returnURL)
	if err != nil {
		return ""
	}
	status := "failed"
	if in.succeeded {
		status = "succeeded"
	}
	q := u.Query()
	q.Set(in.kind, id)
	q.Set(in.kind+"_client_secret", in.secret)
	q.Set("redirect_status", status)
	u.RawQuery = q.Encode()
	return u.String()
}
