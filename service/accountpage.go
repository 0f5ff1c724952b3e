package service

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// accountPageLife is how long the address of an account's page opens it: as the provider's portal, for one visit. Nothing ends it before, so it is short.
const accountPageLife = time.Hour

// AccountPage asks for the address of an account's own page.
type AccountPage struct {
	ReturnURL string // where its way back leads, absolute, host on the allow-list; "" has none
	Language  string // as BCP 47 names it; "" is that of the account, else of the browser
}

// AccountVisit is a visit of an account's page, with all that its address says.
type AccountVisit struct {
	Account   billing.AccountID `json:"a"`
	ReturnURL string            `json:"r,omitempty"`
	Language  string            `json:"l,omitempty"`
	Until     int64             `json:"u"` // seconds since 1970
	Token     string            `json:"-"` // opens the page; it is in the address
}

// ExpiresAt is when the visit ends.
func (v AccountVisit) ExpiresAt() time.Time { return time.Unix(v.Until, 0).UTC() }

// URL is the address below a service's own.
func (v AccountVisit) URL(public string) string { return public + "/account/" + v.Token }

// OpenAccountPage returns a visit of the account's page, where its customer sees and changes all that he has. Whoever has its address is let in
// without signing in, for an hour: give it to nobody but the account's owner.
func (s *Service) OpenAccountPage(ctx context.Context, id billing.AccountID, req AccountPage) (AccountVisit, error) {
	if req.ReturnURL != "" {
		if err := s.checkReturn("return_url", req.ReturnURL); err != nil {
			return AccountVisit{}, err
		}
	}
	if err := (NewAccount{Locale: req.Language}).checkLocale(); err != nil {
		return AccountVisit{}, billing.Errorf(billing.Invalid, "language must name a language as BCP 47 does, such as de or fr-CA").In("language")
	}
	if _, err := s.ready(ctx, id); err != nil {
		return AccountVisit{}, err
	}
	visit := AccountVisit{Account: id, ReturnURL: req.ReturnURL, Language: req.Language, Until: s.cfg.Clock.Wall().Add(accountPageLife).Unix()}
	said, err := json.Marshal(visit)
	if err != nil {
		return AccountVisit{}, err
	}
	body := base64.RawURLEncoding.EncodeToString(said)
	mac, err := s.linkMAC(ctx, "account\n"+body)
	visit.Token = body + "." + base64.RawURLEncoding.EncodeToString(mac)
	return visit, err
}

// AccountVisit reads the token of a visit. One that is not ours is an error of code not_found; one that is over is an error of code unauthorized, and
// the visit is returned with it, for its way back.
func (s *Service) AccountVisit(ctx context.Context, token string) (AccountVisit, error) {
	body, sent, _ := strings.Cut(token, ".")
	mac, err := s.linkMAC(ctx, "account\n"+body)
	if err != nil {
		return AccountVisit{}, err
	}
	given, broken := base64.RawURLEncoding.DecodeString(sent)
	said, unread := base64.RawURLEncoding.DecodeString(body)
	var visit AccountVisit
	if broken != nil || unread != nil || !hmac.Equal(mac, given) || json.Unmarshal(said, &visit) != nil {
		return AccountVisit{}, billing.Errorf(billing.NotFound, "there is no such page")
	}
	visit.Token = token
	if !s.cfg.Clock.Wall().Before(visit.ExpiresAt()) {
		return visit, billing.Errorf(billing.Unauthorized, "the visit is over")
	}
	return visit, nil
}

// PublicURL is how browsers reach the service.
func (s *Service) PublicURL() string { return s.cfg.PublicURL }

// MaySendTo returns an error of code invalid, about a field, when customers may not be sent to a URL.
func (s *Service) MaySendTo(field, raw string) error { return s.checkReturn(field, raw) }

// MayFrame reports whether pages of an origin ("https://app.example.com") may show parts of ours: those of the hosts that customers may be sent to.
func (s *Service) MayFrame(origin string) bool {
	scheme, host, found := strings.Cut(origin, "://")
	return found && (scheme == "https" || scheme == "http") && s.hosts.allow(host)
}
