package billing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

var keyNow = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

func TestAKeyOpensByTheSecretItHasAndByTheOneBeforeForAWhile(t *testing.T) {
	t.Parallel()
	hour := time.Hour
	key := billing.Key{ID: "key_1", Hash: "new", OldHash: "old", OldUntil: keyNow.Add(hour)}
	change := func(do func(*billing.Key)) billing.Key {
		k := key
		do(&k)
		return k
	}
	revoked := change(func(k *billing.Key) { k.RevokedAt = keyNow })
	expiring := change(func(k *billing.Key) { k.ExpiresAt = keyNow.Add(hour) })
	for _, c := range []struct {
		name string
		key  billing.Key
		hash string
		at   time.Time
		says string // "" when it opens
	}{
		{"its secret", key, "new", keyNow, ""},
		{"the one before, within the overlap", key, "old", keyNow.Add(hour - 1), ""},
		{"the one before, at the end of the overlap", key, "old", keyNow.Add(hour), "from before"},
		{"another secret", key, "other", keyNow, "not valid"},
		{"none", key, "", keyNow, "not valid"},
		{"none of a key that was never rotated", billing.Key{Hash: "new"}, "", keyNow, "not valid"},
		{"the start of the secret", key, "ne", keyNow, "not valid"},
		{"revoked", revoked, "new", keyNow, "revoked"},
		{"revoked, the one before", revoked, "old", keyNow, "revoked"},
		{"revoked, to who knows no secret", revoked, "other", keyNow, "not valid"},
		{"just before it expires", expiring, "new", keyNow.Add(hour - 1), ""},
		{"expired", expiring, "new", keyNow.Add(hour), "expired"},
		{"expired, to who knows no secret", expiring, "other", keyNow.Add(hour), "not valid"},
	} {
		err := c.key.Open(c.hash, c.at)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: refused: %v", c.name, err)
		case c.says != "" && (billing.CodeOf(err) != billing.Unauthorized || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want unauthorized with %q", c.name, err, c.says)
		}
	}
}

func TestARotationKeepsTheSecretBeforeAndNoThird(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	key := billing.Key{ID: "key_1", Hash: "first"}
	second, err := key.Rotated("second", day, keyNow)
	if err != nil || second.Hash != "second" || second.OldHash != "first" || !second.OldUntil.Equal(keyNow.Add(day)) || !second.RotatedAt.Equal(keyNow) {
		t.Fatalf("rotated: %+v, %v", second, err)
	}
	for _, c := range []struct {
		name    string
		key     billing.Key
		overlap time.Duration
		at      time.Time
		code    billing.Code
	}{
		{"while the one before opens", second, day, keyNow.Add(time.Hour), billing.Conflict},
		{"then, without overlap", second, 0, keyNow.Add(time.Hour), ""},
		{"when it opens no more", second, day, keyNow.Add(day), ""},
		{"for longer than anybody needs", key, billing.KeyOverlapMax + 1, keyNow, billing.Invalid},
		{"for the longest", key, billing.KeyOverlapMax, keyNow, ""},
		{"into the past", key, -1, keyNow, billing.Invalid},
		{"of a revoked key", billing.Key{Hash: "first", RevokedAt: keyNow}, 0, keyNow, billing.Conflict},
		{"of an expired key", billing.Key{Hash: "first", ExpiresAt: keyNow}, 0, keyNow, billing.Conflict},
	} {
		got, err := c.key.Rotated("third", c.overlap, c.at)
		if billing.CodeOf(err) != c.code || err != nil && got.Hash != c.key.Hash {
			t.Errorf("%s: %+v, %v, want code %q", c.name, got, err, c.code)
		}
		if err == nil && got.Open("first", c.at) == nil && c.key.Hash != "first" {
			t.Errorf("%s: a third secret opens", c.name)
		}
	}
}

func TestANewKeySaysWhatItIsForAndWhatItMayDo(t *testing.T) {
	t.Parallel()
	read := []billing.Scope{billing.AccountsRead}
	for name, c := range map[string]struct {
		key   billing.Key
		field string
	}{
		"a good one":            {billing.Key{Name: "web", Scopes: read}, ""},
		"with an end":           {billing.Key{Name: "web", Scopes: read, ExpiresAt: keyNow.Add(1)}, ""},
		"without name":          {billing.Key{Name: " ", Scopes: read}, "name"},
		"a name in lines":       {billing.Key{Name: "a\nb", Scopes: read}, "name"},
		"a long name":           {billing.Key{Name: strings.Repeat("é", 101), Scopes: read}, "name"},
		"without scope":         {billing.Key{Name: "web"}, "scopes"},
		"an unknown scope":      {billing.Key{Name: "web", Scopes: []billing.Scope{"accounts"}}, "scopes"},
		"every scope there is":  {billing.Key{Name: "web", Scopes: []billing.Scope{"*"}}, "scopes"},
		"a scope twice":         {billing.Key{Name: "web", Scopes: append(read, read...)}, "scopes"},
		"expired already":       {billing.Key{Name: "web", Scopes: read, ExpiresAt: keyNow}, "expires_at"},
		"an end after us":       {billing.Key{Name: "web", Scopes: read, ExpiresAt: keyNow.AddDate(11, 0, 0)}, "expires_at"},
		"a name of 100 letters": {billing.Key{Name: strings.Repeat("é", 100), Scopes: read}, ""},
	} {
		err := c.key.Check(keyNow)
		if c.field == "" && err != nil || c.field != "" && (billing.CodeOf(err) != billing.Invalid || err.(*billing.Error).Field != c.field) {
			t.Errorf("%s: %v, want field %q", name, err, c.field)
		}
	}
}

func TestAScopeOpensItselfAndAdminEverything(t *testing.T) {
	t.Parallel()
	for _, held := range billing.Scopes() {
		for _, needed := range billing.Scopes() {
			want := held.Scope == needed.Scope || held.Scope == billing.Admin
			if got := billing.May([]billing.Scope{held.Scope}, needed.Scope); got != want {
				t.Errorf("%s where %s is needed: %v, want %v", held.Scope, needed.Scope, got, want)
			}
		}
	}
}
