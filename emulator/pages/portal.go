package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// visit answers a portal request: it finds the session, refuses an expired one
// and calls f while the world stands still. What f returns is done after.
func (s *site) visit(w http.ResponseWriter, r *http.Request, f func(v visit) response) error {
	world, ok := find(s.host, func(eng *engine.World) bool {
		_, ok := eng.PortalSessionByToken(r.PathValue("token"))
		return ok
	})
	if !ok {
		return missing(w, r, "billing page")
	}
	var answer response
	world.Read(func(eng *engine.World, now int64) {
		session, _ := eng.PortalSessionByToken(r.PathValue("token"))
		v := visitOf(eng, now, session)
		if session.ExpiresAt <= now || v.customer == nil || v.customer.Deleted {
			answer = page(http.StatusGone, endPage(expiredPortal(eng.Settings().AccountName, outward(session.ReturnURL))))
			return
		}
		answer = f(v)
	})
	return answer(w, r, world)
}

// portal is the door: a deep link goes to its page, the rest to the home page.
func (s *site) portal(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		switch flow := v.session.Flow; {
		case flow == nil:
			return page(http.StatusOK, portalPage(portalViewOf(v)))
		case flow.Type == "payment_method_update":
			return redirect(v.path("cards", "new"))
		case flow.Type == engine.FlowUpdate || flow.Type == engine.FlowConfirm:
			return redirect(v.path("subscriptions", flow.Subscription, "update"))
		case flow.Type == "subscription_cancel":
			return redirect(v.path("subscriptions", flow.Subscription, "cancel"))
		}
		return redirect(v.path("home"))
	})
}

// portalHome is the portal with what the last action did.
func (s *site) portalHome(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		view := portalViewOf(v)
		view.Done = portalDone[r.URL.Query().Get("did")]
		view.Failed = problemTexts[r.URL.Query().Get("problem")]
		return page(http.StatusOK, portalPage(view))
	})
}

// portalConfirmed is the page after a deep link that asked for one.
func (s *site) portalConfirmed(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		notice := portalNotice{Frame: v.frame(), Title: "Done", Text: portalDone[r.URL.Query().Get("did")], Href: outward(v.session.ReturnURL)}
		notice.Button = "Return to " + notice.Frame.Company
		if flow := v.session.Flow; flow != nil && flow.ConfirmationMessage != "" {
			notice.Text = flow.ConfirmationMessage
		}
		return page(http.StatusOK, portalNoticePage(notice))
	})
}

// afterwards is where an action goes that did what the word says: home, or
// where the deep link wants to end.
func (v visit) afterwards(did string) string {
	if flow := v.session.Flow; flow != nil {
		switch flow.AfterCompletion {
		case "redirect":
			return outward(flow.ReturnURL)
		case "hosted_confirmation":
			return v.path("confirmed") + "?did=" + did
		}
	}
	return v.path("home") + "?did=" + did
}

func (s *site) portalNewCard(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		form := prefilled(r)
		if text := problemTexts[r.URL.Query().Get("problem")]; text != "" {
			form.Problems = problems{generalProblem: text}
		}
		return page(http.StatusOK, portalCardPage(newCardView(v, form)))
	})
}

func newCardView(v visit, form cardForm) portalCardView {
	return portalCardView{Frame: v.frame(), Path: v.path("cards", "new"), Form: form, Tests: form.Number == ""}
}

func (s *site) portalAddCard(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		if card := r.PostFormValue("fill"); card != "" {
			return redirect(v.path("cards", "new") + "?" + url.Values{"card": {card}}.Encode())
		}
		form := cardFormOf(r)
		if len(form.check()) > 0 {
			return page(http.StatusUnprocessableEntity, portalCardPage(newCardView(v, form.withoutSecret())))
		}
		done, again := v.afterwards("card_added"), newCardView(v, form.withoutSecret())
		return func(w http.ResponseWriter, r *http.Request, world World) error {
			result, err := world.Apply(portalCardCommand(v.session.ID, form))
			if err != nil {
				refused, err := refusal(err)
				if err != nil {
					return err
				}
				again.Form.Problems = problemsOf(refused)
				return show(w, r, refusalStatus(refused), portalCardPage(again))
			}
			if challenge := challengeOf(result); challenge != "" {
				return move(w, r, challengePath(challenge))
			}
			return move(w, r, done)
		}
	})
}

func (s *site) portalDefaultCard(w http.ResponseWriter, r *http.Request) error {
	return s.portalAct(w, r, func(v visit) (engine.Command, string) {
		return &engine.PortalSetDefault{Session: v.session.ID, PaymentMethod: r.PathValue("method")}, "card_default"
	})
}

func (s *site) portalRemoveCard(w http.ResponseWriter, r *http.Request) error {
	return s.portalAct(w, r, func(v visit) (engine.Command, string) {
		return &engine.PortalRemoveCard{Session: v.session.ID, PaymentMethod: r.PathValue("method")}, "card_removed"
	})
}

func (s *site) portalAskCancel(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		sub, ok := engine.Get[engine.Subscription](v.world, r.PathValue("subscription"))
		if !ok || sub.Customer != v.customer.ID {
			return page(http.StatusNotFound, endPage(unknownEnd("subscription")))
		}
		if v.plan(sub).CancelPath == "" {
			return redirect(v.home())
		}
		return page(http.StatusOK, portalCancelPage(portalCancelViewOf(v, sub)))
	})
}

func (s *site) portalCancel(w http.ResponseWriter, r *http.Request) error {
	return s.portalAct(w, r, func(v visit) (engine.Command, string) {
		cmd := &engine.PortalCancel{
			Session: v.session.ID, Subscription: r.PathValue("subscription"),
			Feedback: r.PostFormValue("feedback"), Comment: strings.TrimSpace(r.PostFormValue("comment")),
		}
		if v.cancelsAtOnce() {
			return cmd, "ended"
		}
		return cmd, "canceled"
	})
}

func (s *site) portalResume(w http.ResponseWriter, r *http.Request) error {
	return s.portalAct(w, r, func(v visit) (engine.Command, string) {
		return &engine.PortalResume{Session: v.session.ID, Subscription: r.PathValue("subscription")}, "resumed"
	})
}

// portalAct runs a command that takes one press, and goes on with the word for
// what it did. A press that comes
// too late (twice, or from an old page) is told on the home page.
func (s *site) portalAct(w http.ResponseWriter, r *http.Request, command func(v visit) (engine.Command, string)) error {
	return s.visit(w, r, func(v visit) response {
		cmd, did := command(v)
		done, home := v.afterwards(did), v.path("home")
		return func(w http.ResponseWriter, r *http.Request, world World) error {
			if _, err := world.Apply(cmd); err != nil {
				if _, err := refusal(err); err != nil {
					return err
				}
				return move(w, r, home+"?problem="+problemTooLate)
			}
			return move(w, r, done)
		}
	})
}
