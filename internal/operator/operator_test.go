package operator

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

var noon = time.Date(2027, time.March, 4, 12, 0, 10, 0, time.UTC)

func TestARoleMayWhatTheRolesBelowItMay(t *testing.T) {
	t.Parallel()
	all := Roles()
	for i, has := range all {
		for j, needs := range all {
			if got := has.Role.May(needs.Role); got != (i >= j) {
				t.Errorf("%s may what needs %s: %v", has.Role, needs.Role, got)
			}
		}
		if has.Role.May("") || has.Role.May("root") || Role("").May(has.Role) || Role("root").May(has.Role) {
			t.Errorf("%s: what is no role may something, or can be had", has.Role)
		}
	}
	if billing.CodeOf(Role("admin").Check()) != billing.Invalid || Own.Check() != nil {
		t.Error("a role is checked wrongly")
	}
}

func TestAPasswordIsKnownByItsHashAlone(t *testing.T) {
	t.Parallel()
	const password = "four words are enough"
	first, second := HashPassword(password), HashPassword(password)
	if first == second || strings.Contains(first, password) {
		t.Errorf("two hashes of one password are the same, or tell it: %s", first)
	}
	if !RightPassword(first, password) || !RightPassword(second, password) {
		t.Error("the right password is not known")
	}
	for _, hash := range []string{first, "", "pbkdf2-sha256", "pbkdf2-sha256$x$y$z", "pbkdf2-sha256$0$$", "plain$1$a$" + password} {
		for _, wrong := range []string{"", "four words are enougH", password + " ", strings.Repeat("a", passwordBytesMax+1)} {
			if RightPassword(hash, wrong) {
				t.Errorf("%q opens %q", wrong, hash)
			}
		}
	}
}

func TestAPasswordIsLongEnoughAndNotTheAddress(t *testing.T) {
	t.Parallel()
	for password, right := range map[string]bool{
		"elevensigns": false, "twelve signs": true, "ада лавлейс!": true, "Ada.Lovelace@example.com": false, strings.Repeat("a", passwordBytesMax+1): false, "": false,
	} {
		if err := CheckPassword(password, "ada.lovelace@example.com"); (err == nil) != right || err != nil && billing.CodeOf(err) != billing.Invalid {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestACodeOpensOnceAndOnlyAboutItsTime(t *testing.T) {
	t.Parallel()
	secret, err := NewSecret("Fieldnotes", "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	o := Operator{Secret: secret}
	code := codeAt(t, secret, noon)
	step, err := o.CodeFor(" "+code[:3]+" "+code[3:], noon)
	if err != nil {
		t.Fatal(err)
	}
	for late, right := range map[time.Duration]bool{-70 * time.Second: false, -30 * time.Second: true, 30 * time.Second: true, 70 * time.Second: false} {
		if _, err := o.CodeFor(code, noon.Add(late)); (err == nil) != right {
			t.Errorf("%s later: %v", late, err)
		}
	}
	o.CodeStep = step
	if _, err := o.CodeFor(code, noon); err == nil || !strings.Contains(err.Error(), "used already") {
		t.Errorf("a code opened twice: %v", err)
	}
	if _, err := o.CodeFor(codeAt(t, secret, noon.Add(-codeStep)), noon); err == nil {
		t.Error("the code before the one that was used opens")
	}
	if _, err := (Operator{}).CodeFor(codeAt(t, "", noon), noon); billing.CodeOf(err) != billing.Unauthorized {
		t.Errorf("without a secret: %v", err)
	}
}

func TestNothingButTheCodeIsACode(t *testing.T) {
	t.Parallel()
	secret, err := NewSecret("Dues", "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	right := map[string]bool{}
	for _, off := range []time.Duration{-codeStep, 0, codeStep} {
		right[codeAt(t, secret, noon.Add(off))] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.OneOf(rapid.StringMatching(`[0-9]{6}`), rapid.String()).Draw(t, "code")
		if _, err := (Operator{Secret: secret}).CodeFor(given, noon); err == nil && !right[strings.Join(strings.Fields(given), "")] {
			t.Fatalf("%q opens", given)
		}
	})
}

func TestAnAuthenticatorReadsTheSecret(t *testing.T) {
	t.Parallel()
	key, err := otp.NewKeyFromURL(SecretURI("JBSWY3DPEHPK3PXP", "Field & Notes", "ada+x@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if key.Secret() != "JBSWY3DPEHPK3PXP" || key.Issuer() != "Field & Notes" || key.AccountName() != "ada+x@example.com" || key.Type() != "totp" {
		t.Errorf("%s reads as %s, %s, %s", key, key.Secret(), key.Issuer(), key.AccountName())
	}
	if _, err := url.Parse(key.String()); err != nil {
		t.Error(err)
	}
}

func TestAnAddressIsFoundHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	if got, err := Email(" Ada@Example.COM "); err != nil || got != "ada@example.com" {
		t.Errorf("%q, %v", got, err)
	}
	for _, wrong := range []string{"", "ada", "Ada <ada@example.com>", "a@b, c@d", strings.Repeat("a", billing.EmailBytesMax) + "@example.com"} {
		if _, err := Email(wrong); billing.CodeOf(err) != billing.Invalid {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}
