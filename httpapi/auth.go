package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dues-billing/dues/billing"
)

// audience says who may call a route.
type audience int

// The audiences. The zero value is nobody.
const (
	servers   audience = iota + 1 // the app's own servers, by server key
	endUsers                      // one end user, by token; sees only himself
	operators                     // who runs Dues, by operator key; sees what is queued of everybody
)

func (who audience) security() []map[string][]string {
	switch who {
	case servers:
		return []map[string][]string{{"serverKey": {}}}
	case endUsers:
		return []map[string][]string{{"userToken": {}}}
	case operators:
		return []map[string][]string{{"operatorKey": {}}}
	}
	panic("httpapi: a route without audience")
}

// hashedKeys holds hashes: a memory dump or a slow comparison tells nothing about a key.
type hashedKeys [][sha256.Size]byte

func hashKeys(keys []string) hashedKeys {
	var hashed hashedKeys
	for _, key := range keys {
		hashed = append(hashed, sha256.Sum256([]byte(key)))
	}
	return hashed
}

// hold compares with every key, so that the time taken does not say which one nearly matched.
func (k hashedKeys) hold(key string) bool {
	hash, found := sha256.Sum256([]byte(key)), 0
	for i := range k {
		found |= subtle.ConstantTimeCompare(k[i][:], hash[:])
	}
	return found == 1
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
func (a *api) admit(who audience, hasBody bool) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		account, err := a.authenticate(who, r)
		if err == nil && hasBody {
			err = wantJSON(r)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		if who == endUsers {
			visitOf(r.Context()).account = account
		}
		next(ctx)
	}
}

// authenticate returns the account of an end user, "" for a server or an operator.
func (a *api) authenticate(who audience, r *http.Request) (billing.AccountID, error) {
	credential, found := bearer(r)
	if !found {
		return "", billing.Errorf(billing.Unauthorized, "no credential was sent: this needs the header Authorization: Bearer <%s>", who)
	}
	switch who {
	case servers:
		return "", a.authenticateServer(r, credential)
	case operators:
		return "", a.authenticateOperator(credential)
	}
	if a.tokens == nil {
		return "", billing.Errorf(billing.Unauthorized, "end users have no access: this service has no key to verify their tokens with")
	}
	return a.authenticateUser(r, credential)
}

// authenticateUser lets a member who is no owner look, and change nothing.
func (a *api) authenticateUser(r *http.Request, credential string) (billing.AccountID, error) {
	token, err := a.tokens.verify(credential)
	if err == nil && token.readsOnly && !looks(r) {
		return "", billing.Errorf(billing.Forbidden, "only an owner of the account may do this: the token's role may look at /v1/me, and change nothing")
	}
	return token.account, err
}

// looks reports whether a request of an end user changes nothing: what is read, and the two questions that are too long for a URL.
func looks(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || r.URL.Path == "/v1/me/check" || r.URL.Path == "/v1/me/preview"
}

// authenticateServer also tells an end user's valid token from a stranger's: what is not his does not exist for him.
func (a *api) authenticateServer(r *http.Request, credential string) error {
	switch {
	case a.keys.hold(credential):
		return nil
	case a.operatorKeys.hold(credential):
		return billing.Errorf(billing.Forbidden, "this needs a server key; an operator key opens /v1/events and /v1/effects only")
	case !a.isToken(credential):
		return billing.Errorf(billing.Unauthorized, "the server key is not valid")
	case r.PathValue("id") != "":
		return billing.Errorf(billing.NotFound, "an end user's token sees no account here; its own is at /v1/me")
	}
	return billing.Errorf(billing.Forbidden, "this needs a server key; an end user's token opens /v1/me only")
}

// authenticateOperator says to who is known otherwise that his credential is good, and opens something else.
func (a *api) authenticateOperator(credential string) error {
	switch {
	case a.operatorKeys.hold(credential):
		return nil
	case a.keys.hold(credential), a.isToken(credential):
		return billing.Errorf(billing.Forbidden, "this needs an operator key; neither servers nor end users see what is queued")
	}
	return billing.Errorf(billing.Unauthorized, "the operator key is not valid")
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
