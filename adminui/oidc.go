package adminui

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/dues-billing/dues/billing"
)

// OIDC is an OpenID provider at which operators may sign in: Google, Microsoft Entra, Okta, Keycloak … Register there the address
// PublicURL + /admin/oidc/callback. Without Issuer there is none.
type OIDC struct {
	Issuer       string // such as https://accounts.google.com
	ClientID     string
	ClientSecret string
}

const (
	oidcCookie  = "dues_admin_oidc"
	oidcPath    = base + "/oidc"
	oidcLife    = 10 * time.Minute // in which somebody signs in at the provider
	oidcTimeout = 10 * time.Second // of what is asked of the provider
)

// door is the way in by an OpenID provider. It asks the provider for its addresses when somebody comes the first time, so that one that is down
// keeps nothing from starting.
type door struct {
	config    OIDC
	publicURL string
	wall      func() time.Time

	mu    sync.Mutex
	found *oidc.Provider
}

// trip is what a browser takes along to the provider and must bring back.
type trip struct {
	State, Nonce, Verifier, Next string
}

// provider returns the provider's addresses and keys.
func (d *door) provider(ctx context.Context) (*oidc.Provider, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.found != nil {
		return d.found, nil
	}
	// The keys are fetched later with the client of this context, when it is long over.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: oidcTimeout}), d.config.Issuer)
	if err != nil {
		return nil, billing.Errorf(billing.Unavailable, "the OpenID provider %s does not answer as one: %v", d.config.Issuer, err)
	}
	d.found = found
	return found, nil
}

func (d *door) client(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: d.config.ClientID, ClientSecret: d.config.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: strings.TrimRight(d.publicURL, "/") + oidcPath + "/callback",
		Scopes: []string{oidc.ScopeOpenID, "email"},
	}
}

// toProvider sends somebody to the provider.
func (a *admin) toProvider(w http.ResponseWriter, r *http.Request) {
	if a.gate.door == nil {
		a.outside(w, r, http.StatusNotFound, "There is no such page", "No OpenID provider is set up.")
		return
	}
	p, err := a.gate.door.provider(r.Context())
	if err != nil {
		a.failOutside(w, r, err)
		return
	}
	t := trip{State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(), Next: pathInside(r.URL.Query().Get(nextField))}
	packed, err := json.Marshal(t)
	if err != nil {
		a.failOutside(w, r, err)
		return
	}
	setTrip(w, r, base64.RawURLEncoding.EncodeToString(packed), oidcLife)
	http.Redirect(w, r, a.gate.door.client(p).AuthCodeURL(t.State, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), http.StatusSeeOther)
}

// setTrip keeps a trip in the browser. The way back begins at another site, so the cookie is lax.
func setTrip(w http.ResponseWriter, r *http.Request, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: oidcCookie, Value: value, Path: oidcPath, MaxAge: int(life.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure(r),
	})
}

func tripOf(r *http.Request) (t trip, ok bool) {
	cookie, err := r.Cookie(oidcCookie)
	if err != nil {
		return t, false
	}
	packed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || json.Unmarshal(packed, &t) != nil {
		return t, false
	}
	return t, t.State != "" && t.Nonce != "" && equal(t.State, r.URL.Query().Get("state"))
}

// fromProvider takes who comes back, and lets in whom an owner has added.
func (a *admin) fromProvider(w http.ResponseWriter, r *http.Request) {
	t, ok := tripOf(r)
	if a.gate.door == nil || !ok {
		a.outside(w, r, http.StatusBadRequest, "This did not begin here", "Sign in once more. A sign-in at the provider is good for ten minutes, in the browser that began it.")
		return
	}
	setTrip(w, r, "", -time.Second) // whoever comes with it again comes too late
	who, err := a.gate.door.vouched(r, t)
	if err != nil {
		a.log.WarnContext(r.Context(), "admin: the OpenID provider's answer lets nobody in", "error", err)
		a.outside(w, r, http.StatusUnauthorized, "The provider's answer lets nobody in", err.Error())
		return
	}
	token, is, err := a.gate.operators.SignInVouched(r.Context(), who.Subject, who.Email, r.UserAgent())
	if known, refused := refusal(err); refused {
		a.log.WarnContext(r.Context(), "admin: not let in", "operator", is.ID, "error", err)
		a.outside(w, r, http.StatusForbidden, "You may not come in", sentence(known.Message))
		return
	}
	if err != nil {
		a.failOutside(w, r, err)
		return
	}
	// A redirect would still come from the provider's site, and a strict cookie stays away from that: the next page is asked for by a page of ours.
	a.letIn(w, r, is, token, func() {
		next := pathInside(t.Next)
		w.Header().Set("Refresh", "0; url="+next)
		a.serve(w, r, http.StatusOK, cameInPage(a.brand, next))
	})
}

// vouchedFor is whom the provider says somebody is.
type vouchedFor struct {
	Subject string // with the issuer before it
	Email   string
}

// vouched has the provider say who came back.
func (d *door) vouched(r *http.Request, t trip) (who vouchedFor, err error) {
	if said := r.URL.Query().Get("error"); said != "" {
		return who, fmt.Errorf("it says %s %s", said, r.URL.Query().Get("error_description"))
	}
	ctx := oidc.ClientContext(r.Context(), &http.Client{Timeout: oidcTimeout})
	p, err := d.provider(ctx)
	if err != nil {
		return who, err
	}
	given, err := d.client(p).Exchange(ctx, r.URL.Query().Get("code"), oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return who, fmt.Errorf("it does not take its own code: %w", err)
	}
	raw, _ := given.Extra("id_token").(string)
	token, err := p.Verifier(&oidc.Config{ClientID: d.config.ClientID, Now: d.wall}).Verify(ctx, raw)
	if err != nil {
		return who, err
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	switch err := token.Claims(&claims); {
	case err != nil:
		return who, err
	case !equal(token.Nonce, t.Nonce):
		return who, errors.New("its token was made for another sign-in")
	case claims.Email == "" || !claims.Verified:
		return who, errors.New("it does not say that your e-mail address is yours (email and email_verified)")
	}
	return vouchedFor{Subject: token.Issuer + " " + token.Subject, Email: claims.Email}, nil
}
