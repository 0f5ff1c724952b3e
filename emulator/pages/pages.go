// Package pages are the emulator's hosted pages: Checkout, the 3-D Secure
// challenge, the customer portal and the hosted invoice. They work without JavaScript, change nothing on GET, answer a POST
// with a redirect, and act on a world only through commands, so what a person
// does here is journalled and delivered like what a program does by the API.
//
// Each page is a pure mapping from the engine's state to a view struct, and a
// template of that view. [Gallery] shows every page in every state.
package pages

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// formBytesMax bounds a posted form; the longest, a cancellation with its
// comment, is below 2 KB.
const formBytesMax = 64 << 10

// site is the pages with the worlds they show.
type site struct{ host Host }

// Register adds all pages to a mux: /c/pay/{session}, /buy/{token}, /r/{token}, /3ds/{intent}, /receipts/{kind}/{charge},
// /p/session/{token}, /i/{account}/{token} (with /pdf) and their stylesheet;
// and below /w/{account} those of a world that was forked.
func Register(mux *http.ServeMux, host Host) {
	s := &site{host: host}
	s.register(mux)
	for _, method := range []string{"GET ", "POST "} {
		mux.Handle(method+"/w/{account}/{page...}", handlerFunc(s.forked))
	}
}

// register adds the pages of the site's worlds.
func (s *site) register(mux *http.ServeMux) {
	mux.Handle("GET "+design.Prefix, design.Assets())
	// A page of another site must not press our buttons: browsers say where a
	// form comes from, and programs need no such guard.
	guard := http.NewCrossOriginProtection()
	for pattern, handler := range map[string]handlerFunc{
		"GET /c/pay/{id}":  s.checkout,
		"POST /c/pay/{id}": s.submitCheckout,

		"POST /c/pay/{id}/basket": s.changeBasket,

		"GET /receipts/{kind}/{charge}": s.receipt,

		"GET /buy/{token}": s.paymentLink,
		"GET /r/{token}":   s.recovery,

		"GET /3ds/{intent}":  s.challenge,
		"POST /3ds/{intent}": s.answerChallenge,

		"GET /3ds/{intent}/frame":  s.framedChallenge,
		"POST /3ds/{intent}/frame": s.answerFramedChallenge,

		"GET /p/session/{token}":                                      s.portal,
		"GET /p/session/{token}/home":                                 s.portalHome,
		"GET /p/session/{token}/confirmed":                            s.portalConfirmed,
		"GET /p/session/{token}/details":                              s.portalDetails,
		"POST /p/session/{token}/details":                             s.portalChangeDetails,
		"GET /p/session/{token}/cards/new":                            s.portalNewCard,
		"POST /p/session/{token}/cards/new":                           s.portalAddCard,
		"POST /p/session/{token}/cards/{method}/default":              s.portalDefaultCard,
		"POST /p/session/{token}/cards/{method}/remove":               s.portalRemoveCard,
		"GET /p/session/{token}/subscriptions/{subscription}/cancel":  s.portalAskCancel,
		"POST /p/session/{token}/subscriptions/{subscription}/cancel": s.portalCancel,
		"POST /p/session/{token}/subscriptions/{subscription}/resume": s.portalResume,
		"GET /p/session/{token}/subscriptions/{subscription}/update":  s.portalSwitch,
		"POST /p/session/{token}/subscriptions/{subscription}/update": s.portalSwitched,

		"GET /i/{account}/{token}":     s.invoice,
		"POST /i/{account}/{token}":    s.payInvoice,
		"GET /i/{account}/{token}/pdf": s.invoicePDF,
	} {
		mux.Handle(pattern, guard.Handler(handler))
	}
	for _, prefix := range lostPrefixes {
		mux.Handle(prefix, handlerFunc(s.lost))
	}
}

// handlerFunc answers a request, or fails for a reason that is the emulator's.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP implements http.Handler.
func (h handlerFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formBytesMax)
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			http.Error(w, "The form could not be read.", http.StatusBadRequest)
			return
		}
	}
	if err := h(w, r); err != nil {
		design.Serve(w, r, http.StatusInternalServerError, endPage(failedEnd(err)))
	}
}

// response is an answer that was decided on while the world stood still.
type response func(w http.ResponseWriter, r *http.Request, world World) error

func page(status int, p templ.Component) response {
	return func(w http.ResponseWriter, r *http.Request, _ World) error { return show(w, r, status, p) }
}

func redirect(to string) response {
	return func(w http.ResponseWriter, r *http.Request, _ World) error { return move(w, r, to) }
}

// show answers with a page.
func show(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	design.Serve(w, r, status, page)
	return nil
}

// move answers a POST with the page to go on at.
func move(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// missing answers for an object that no world holds.
func missing(w http.ResponseWriter, r *http.Request, what string) error {
	return show(w, r, http.StatusNotFound, endPage(unknownEnd(what)))
}

// refusal is the answer of a command that the engine refused; any other error
// is passed on.
func refusal(err error) (*engine.Error, error) {
	var refused *engine.Error
	if errors.As(err, &refused) {
		return refused, nil
	}
	return nil, err
}
