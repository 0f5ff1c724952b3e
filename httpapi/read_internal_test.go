package httpapi

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A read writes itself; the tags of its fields, from which the document is made, say what it has to write.
func TestAReadSaysByteForByteWhatItsTagsSay(t *testing.T) {
	t.Parallel()
	type plainAccount Account // without the methods, so that the tags decide
	type plainEntitlements Entitlements
	type plainQuota Quota
	accounts, entitlements, quotas := arbitrary[Account](), arbitrary[Entitlements](), arbitrary[Quota]()
	rapid.Check(t, func(t *rapid.T) {
		account, held := accounts.Draw(t, "account"), entitlements.Draw(t, "entitlements")
		quota := quotas.Draw(t, "quota")
		if held.Entitlements == nil {
			held.Entitlements = []Entitlement{} // as entitlements makes it
		}
		for _, c := range []struct {
			read  rendered
			plain any
		}{{account, plainAccount(account)}, {held, plainEntitlements(held)}, {quota, plainQuota(quota)}} {
			var want bytes.Buffer
			writeJSON(&want, c.plain)
			if got := string(c.read.appendJSON(nil)) + "\n"; got != want.String() {
				t.Fatalf("got  %swant %s", got, &want)
			}
		}
		var made bytes.Buffer // as POST /v1/accounts answers
		if writeJSON(&made, account); made.String() != string(account.appendJSON(nil))+"\n" {
			t.Fatalf("a new account is shown as %s", &made)
		}
	})
}

// arbitrary makes values of T with every field set to anything, also those that are added one day.
func arbitrary[T any]() *rapid.Generator[T] {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z_0-9@. ]{0,20}`), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Just("<a href=\"x\">&\\\b\u2028\u2029\x7f\x00\xff"))
	at := rapid.Custom(func(t *rapid.T) Moment {
		zone := time.FixedZone("", rapid.IntRange(-14, 14).Draw(t, "hours")*3600)
		return Moment(time.Unix(rapid.Int64Range(-1<<33, 1<<37).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(zone))
	})
	return rapid.MakeCustom[T](rapid.MakeConfig{
		Kinds: map[reflect.Kind]*rapid.Generator[any]{reflect.String: text.AsAny()},
		Types: map[reflect.Type]*rapid.Generator[any]{reflect.TypeFor[Moment](): at.AsAny()},
	})
}
