package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// audience says who may call a route.
type audience int

// The audiences. The zero value is nobody.
const (
	servers   audience = iota + 1 // the app's own servers, by server key
	endUsers                      // one end user, by token; sees only himself
	operators                     // who runs Dues, by operator key; sees what is queued of everybody
)

// hashedKeys holds hashes: a memory dump or a slow comparison tells nothing about a key.
type hashedKeys [][sha256.Size]byte

func hashKeys(keys []string) hashedKeys {
	var hashed hashedKeys
	for _, key := range keys {
		hashed = append(hashed, sha256.Sum256([]byte(key)))
	}
	return hashed
}

// find returns the place of a key, from 1, and 0 for one that is not there. It compares with every key, so that the time taken does not say which
// one nearly matched.
func (k hashedKeys) find(key string) int {
	hash, found := sha256.Sum256([]byte(key)), 0
	for i := range k {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(k[i][:], hash[:]), i+1, found)
	}
	return found
}

// holder is who holds a key: its kind and name, and what it may do.
type holder struct {
	service.Actor
	scopes []billing.Scope
}

// The scopes of the configuration's keys.
var (
	serverScopes   = billing.ServerScopes()
	operatorScopes = billing.OperatorScopes()
)

// holderOf finds a key among those of the configuration and those that were created. known is false for what is none.
func (a *api) holderOf(ctx context.Context, credential string) (h holder, known bool, err error) {
	if service.IsKey(credential) {
		key, err := a.service.Authenticate(ctx, credential)
		return holder{service.Actor{Kind: service.KeyActor, Name: string(key.ID)}, key.Scopes}, err == nil, err
	}
	if n := a.keys.find(credential); n > 0 {
		return holder{service.Actor{Kind: service.ServerActor, Name: strconv.Itoa(n)}, serverScopes}, true, nil
	}
	if n := a.operatorKeys.find(credential); n > 0 {
		return holder{service.Actor{Kind: service.OperatorActor, Name: strconv.Itoa(n)}, operatorScopes}, true, nil
	}
	return holder{}, false, nil
}

// caller is the account the end user's token speaks for.
func caller(ctx context.Context) billing.AccountID {
	v := visitOf(ctx)
	if v == nil || v.account == "" {
		panic("httpapi: an end user's route was reached without a token") // admit stands before every route
	}
	return v.account
}

// admit lets a request through to its operation: right credential, and JSON where a body is read.
func (a *api) admit(g gate, hasBody bool) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		_, err := a.authenticate(g, r)
		if err == nil && hasBody {
			err = wantJSON(r)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		next(ctx)
	}
}

// authenticate returns the account of an end user, "" for a key, and notes who asks in the visit. Who asks too much is refused here, too.
func (a *api) authenticate(g gate, r *http.Request) (account billing.AccountID, err error) {
	if r.URL.RawQuery != "" && service.HoldsKey(r.URL.RawQuery) {
		return "", billing.Errorf(billing.Invalid, "a key was sent in the URL, where logs and histories keep it: revoke it, and send keys as Authorization: Bearer")
	}
	credential, found := bearer(r)
	if !found {
		return "", billing.Errorf(billing.Unauthorized, "no credential was sent: this needs the header Authorization: Bearer <%s>", g.who)
	}
	v := visitOf(r.Context())
	if g.who != endUsers {
		if v.actor, err = a.authenticateKey(g, r, credential); err != nil {
			return "", err
		}
		return "", a.limits.pass(g, r, v, a.clock.Wall())
	}
	if a.tokens == nil {
		return "", billing.Errorf(billing.Unauthorized, "end users have no access: this service has no key to verify their tokens with")
	}
	token, err := a.authenticateUser(r, credential)
	if err != nil {
		return "", err
	}
	v.account, v.actor = token.account, service.Actor{Kind: service.UserActor, Name: token.subject}
	return v.account, a.limits.pass(g, r, v, a.clock.Wall())
}

// authenticateUser lets a member who is no owner look, and change nothing.
func (a *api) authenticateUser(r *http.Request, credential string) (verifiedToken, error) {
	token, err := a.tokens.verify(credential)
	if err == nil && token.readsOnly && !looks(r) {
		return token, billing.Errorf(billing.Forbidden, "only an owner of the account may do this: the token's role may look at /v1/me, and change nothing")
	}
	return token, err
}

// looks reports whether a request of an end user changes nothing: what is read, and the two questions that are too long for a URL.
func looks(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || r.URL.Path == "/v1/me/check" || r.URL.Path == "/v1/me/preview"
}

// authenticateKey also tells an end user's valid token from a stranger's: what is not his does not exist for him.
func (a *api) authenticateKey(g gate, r *http.Request, credential string) (service.Actor, error) {
	by, known, err := a.holderOf(r.Context(), credential)
	switch {
	case err != nil:
		return by.Actor, err
	case known && billing.May(by.scopes, g.scope):
		return by.Actor, nil
	case known:
		return by.Actor, billing.Errorf(billing.Forbidden, "this needs a key with the scope %s, which %s does not have", g.scope, by)
	case !a.isToken(credential):
		return by.Actor, billing.Errorf(billing.Unauthorized, "the %s is not valid", g.who)
	case g.who == servers && r.PathValue("id") != "":
		return by.Actor, billing.Errorf(billing.NotFound, "an end user's token sees no account here; its own is at /v1/me")
	}
	return by.Actor, billing.Errorf(billing.Forbidden, "this needs a key with the scope %s; an end user's token opens /v1/me only", g.scope)
}

// isToken reports whether the credential is an end user's valid token.
func (a *api) isToken(credential string) bool {
	if a.tokens == nil {
		return false
	}
	_, err := a.tokens.account(credential)
	return err == nil
}

// String names the credential of who.
func (who audience) String() string {
	switch who {
	case servers:
		return "server key"
	case operators:
		return "operator key"
	}
	return "token of the end user"
}

func bearer(r *http.Request) (string, bool) {
	scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	credential = strings.TrimSpace(credential)
	return credential, strings.EqualFold(scheme, "Bearer") && credential != ""
}

func wantJSON(r *http.Request) error {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return nil // the body is read as JSON, which says itself when it is not
	}
	if kind, _, err := mime.ParseMediaType(given); err != nil || kind != "application/json" {
		return billing.Errorf(codeContentType, "the body must be JSON, sent with Content-Type: application/json")
	}
	return nil
}
