package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// keyFor makes a key with these scopes, as the command line does.
func (w *world) keyFor(scopes ...billing.Scope) service.IssuedKey {
	w.t.Helper()
	made, err := w.dues.CreateKey(w.t.Context(), service.NewKey{Name: "test", Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

// operation is one of the document.
type operation struct {
	method, path string
	Security     []map[string][]string
}

func (w *world) operations() (all []operation) {
	w.t.Helper()
	var document struct {
		Paths map[string]map[string]operation
	}
	if err := json.Unmarshal(w.want(http.StatusOK, request{method: "GET", path: "/openapi.json"}).body, &document); err != nil {
		w.t.Fatal(err)
	}
	for path, methods := range document.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			all = append(all, op)
		}
	}
	return all
}

// Features: 100.
func TestEveryOperationOpensByItsOwnScopeAndByNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	only, without := map[billing.Scope]string{}, map[billing.Scope]string{}
	all := []billing.Scope{}
	for _, s := range billing.Scopes() {
		all = append(all, s.Scope)
	}
	for _, scope := range all {
		only[scope] = w.keyFor(scope).Secret
		without[scope] = w.keyFor(slices.DeleteFunc(slices.Clone(all), func(s billing.Scope) bool { return s == scope || s == billing.Admin })...).Secret
	}
	asked := map[billing.Scope]int{}
	for _, op := range w.operations() {
		if len(op.Security) != 1 {
			t.Fatalf("%s %s has security %v", op.method, op.path, op.Security)
		}
		if _, user := op.Security[0]["userToken"]; user {
			if !strings.HasPrefix(op.path, "/v1/me") && op.path != "/v1/plans" {
				t.Errorf("%s %s is an end user's", op.method, op.path)
			}
			continue
		}
		named := append(op.Security[0]["serverKey"], op.Security[0]["operatorKey"]...)
		if len(named) != 1 || only[billing.Scope(named[0])] == "" {
			t.Errorf("%s %s needs the scopes %v, want one that there is", op.method, op.path, named)
			continue
		}
		scope := billing.Scope(named[0])
		asked[scope]++
		path := strings.NewReplacer("{id}", "nobody", "{", "", "}", "").Replace(op.path)
		send := func(credential string) answer {
			return w.send(request{method: op.method, path: path, credential: credential, body: map[string]int{"nothing": 1}})
		}
		for who, credential := range map[string]string{"a key with " + string(scope): only[scope], "an admin": only[billing.Admin]} {
			if got := send(credential); got.status == http.StatusUnauthorized || got.status == http.StatusForbidden || got.status >= 500 {
				t.Errorf("%s %s: %s gets %d %s", op.method, op.path, who, got.status, got.body)
			}
		}
		got := send(without[scope])
		if got.status != http.StatusForbidden || !strings.Contains(string(got.body), "scope "+string(scope)) {
			t.Errorf("%s %s: a key with all but %s gets %d %s", op.method, op.path, scope, got.status, got.body)
		}
	}
	for _, scope := range all {
		if asked[scope] == 0 {
			t.Errorf("no operation needs %s", scope)
		}
	}
}

func TestAKeyOpensNothingOnceItShouldNot(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	now := func() time.Time { return start.Add(time.Duration(passed.Load())) }
	w := newWorld(t, func(c *dues.Config) { c.Clock.Wall = now })
	w.signUp("ada")
	admin := w.keyFor(billing.Admin)
	create := func(more map[string]any) (out struct {
		Key    struct{ ID string }
		Secret string
	}) {
		t.Helper()
		body := map[string]any{"name": "web", "scopes": []string{"accounts:read"}}
		for name, value := range more {
			body[name] = value
		}
		if err := json.Unmarshal(w.want(http.StatusCreated, request{method: "POST", path: "/v1/keys", credential: admin.Secret, body: body}).body, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	look := func(secret string) request {
		return request{method: "GET", path: "/v1/accounts/ada", credential: secret}
	}
	key, ending := create(nil), create(map[string]any{"expires_at": start.Add(time.Hour).Format(time.RFC3339)})
	other := create(nil)
	w.want(http.StatusOK, look(key.Secret))
	w.want(http.StatusOK, look(ending.Secret))
	id, secret := key.Secret[:len("dues_")+16], key.Secret[len("dues_")+17:]
	for name, credential := range map[string]string{
		"another prefix":            "keys" + strings.TrimPrefix(key.Secret, "dues"),
		"no prefix":                 strings.TrimPrefix(key.Secret, "dues_"),
		"its id alone":              id,
		"its secret alone":          secret,
		"one letter less":           key.Secret[:len(key.Secret)-1],
		"one letter more":           key.Secret + "a",
		"upper case":                strings.ToUpper(key.Secret),
		"the secret of another key": id + "_" + other.Secret[len("dues_")+17:],
		"an id that there is not":   "dues_" + strings.Repeat("a", 16) + "_" + secret,
		"a secret that was guessed": id + "_" + strings.Repeat("a", 52),
		"its hash":                  w.hashOf(key.Key.ID),
	} {
		if got := w.send(look(credential)); got.status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	for name, r := range map[string]request{
		"in the query":           {method: "GET", path: "/v1/accounts/ada?key=" + key.Secret},
		"in the query, and sent": {method: "GET", path: "/v1/accounts/ada?a=b&x=" + key.Secret, credential: key.Secret},
	} {
		if got := w.send(r); got.status != http.StatusBadRequest || !strings.Contains(string(got.body), "in the URL") || strings.Contains(string(got.body), secret) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/accounts/ada", header: http.Header{"Authorization": {"Basic " + key.Secret}}})
	w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/me", credential: key.Secret})

	passed.Store(int64(time.Hour))
	refused := func(secret, says string) {
		t.Helper()
		if got := w.want(http.StatusUnauthorized, look(secret)); !strings.Contains(string(got.body), says) {
			t.Errorf("the answer says %s, want %s", got.body, says)
		}
	}
	refused(ending.Secret, "has expired")
	rotate := request{method: "POST", path: "/v1/keys/" + key.Key.ID + "/rotate", credential: admin.Secret, body: map[string]int{"overlap_hours": 2}}
	var rotated struct{ Secret string }
	if err := json.Unmarshal(w.want(http.StatusOK, rotate).body, &rotated); err != nil {
		t.Fatal(err)
	}
	w.want(http.StatusOK, look(key.Secret))
	w.want(http.StatusOK, look(rotated.Secret))
	w.want(http.StatusConflict, rotate)
	passed.Store(int64(3 * time.Hour))
	refused(key.Secret, "from before")
	w.want(http.StatusOK, look(rotated.Secret))
	w.want(http.StatusOK, request{method: "DELETE", path: "/v1/keys/" + key.Key.ID, credential: admin.Secret})
	refused(rotated.Secret, "was revoked")
	w.want(http.StatusUnauthorized, look(key.Secret))
}

// hashOf is what the database holds of a key: of no use to who has read it.
func (w *world) hashOf(id string) string {
	w.t.Helper()
	all, err := w.dues.Keys(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, k := range all {
		if string(k.ID) == id {
			return id + "_" + k.Hash
		}
	}
	w.t.Fatalf("there is no key %s", id)
	return ""
}

func TestABadRequestMakesNoKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.keyFor(billing.Admin)
	hour := map[string]any{"overlap_hours": 1}
	good := map[string]any{"name": "web", "scopes": []string{"accounts:read"}}
	with := func(field string, value any) map[string]any {
		changed := map[string]any{"name": "web", "scopes": []string{"accounts:read"}}
		changed[field] = value
		return changed
	}
	for _, c := range []struct {
		name, path string
		body       any
		header     http.Header
		status     int
		field      string
	}{
		{"no scope", "", with("scopes", []string{}), nil, 400, "scopes"},
		{"an unknown scope", "", with("scopes", []string{"accounts:read", "all"}), nil, 400, "scopes"},
		{"scopes in one text", "", with("scopes", "admin"), nil, 400, "scopes"},
		{"no name", "", with("name", ""), nil, 400, "name"},
		{"no moment", "", with("expires_at", "tomorrow"), nil, 400, "expires_at"},
		{"a moment that has passed", "", with("expires_at", "2020-01-01T00:00:00Z"), nil, 400, "expires_at"},
		{"a secret of one's own", "", with("secret", "mine"), nil, 400, "secret"},
		{"a request that would be answered twice", "", good, http.Header{"Idempotency-Key": {"k"}}, 400, "Idempotency-Key"},
		{"a rotation twice", "/" + string(admin.ID) + "/rotate", hour, http.Header{"Idempotency-Key": {"k"}}, 400, "Idempotency-Key"},
		{"no overlap named", "/" + string(admin.ID) + "/rotate", map[string]any{}, nil, 400, "overlap_hours"},
		{"an overlap of a year", "/" + string(admin.ID) + "/rotate", map[string]any{"overlap_hours": 8760}, nil, 400, "overlap_hours"},
		{"one that overflows", "/" + string(admin.ID) + "/rotate", map[string]any{"overlap_hours": int64(1) << 60}, nil, 400, "overlap_hours"},
		{"below none", "/" + string(admin.ID) + "/rotate", map[string]any{"overlap_hours": -1}, nil, 400, "overlap_hours"},
		{"another key", "/key_none/rotate", hour, nil, 404, ""},
	} {
		got := w.send(request{method: "POST", path: "/v1/keys" + c.path, credential: admin.Secret, body: c.body, header: c.header})
		var problem struct{ Field string }
		_ = json.Unmarshal(got.body, &problem)
		if got.status != c.status || problem.Field != c.field {
			t.Errorf("%s: %d %s, want %d for %s", c.name, got.status, got.body, c.status, c.field)
		}
	}
	all, err := w.dues.Keys(t.Context())
	if err != nil || len(all) != 1 || !all[0].RotatedAt.IsZero() {
		t.Errorf("after requests that came to nothing the keys are %+v, %v", all, err)
	}
}

// What a request was answered is found again by who asks for it again, also when his key's secret is another one by then.
func TestARotatedKeyIsTheSameCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.keyFor(billing.AccountsWrite)
	create := func(secret string) answer {
		return w.send(request{method: "POST", path: "/v1/accounts", credential: secret, body: map[string]string{"id": "ada", "email": "ada@example.com"}, header: http.Header{"Idempotency-Key": {"k"}}})
	}
	first := create(key.Secret)
	rotated, err := w.dues.RotateKey(t.Context(), key.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if again := create(rotated.Secret); first.status != http.StatusCreated || again.status != first.status || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("first %d, again %d %v", first.status, again.status, again.header)
	}
}

func TestTheKeysOfTheConfigurationMakeNoKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	for name, credential := range map[string]string{"a server": serverKey, "an operator": operatorKey, "an end user": token(t, "ada")} {
		for _, r := range []request{{method: "GET", path: "/v1/keys"}, {method: "POST", path: "/v1/keys", body: map[string]any{"name": "mine", "scopes": []string{"admin"}}}} {
			r.credential = credential
			if got := w.want(http.StatusForbidden, r); !strings.Contains(string(got.body), "scope admin") {
				t.Errorf("%s: %s", name, got.body)
			}
		}
	}
	config := fmt.Sprint(w.keyFor(billing.Admin).Secret)
	if _, err := dues.Open(t.Context(), dues.Config{ServerKeys: []string{config}}); err == nil {
		t.Error("a key that was created is taken for one of the configuration")
	}
}
