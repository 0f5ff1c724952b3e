package license_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/license"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

var (
	start    = time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)
	end      = time.Date(2026, 2, 15, 10, 0, 0, 0, time.UTC)
	handbook = license.License{Account: "ada", Asset: "handbook", StartsAt: start, EndsAt: end, IssuedAt: start, Claims: map[string]string{"seats": "3"}}
)

func sign(t *testing.T, k ed25519.PrivateKey, l license.License) []byte {
	t.Helper()
	file, err := license.Sign(k, l)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// Rows: A7.
func TestASignedFileProvesWhatWasSigned(t *testing.T) {
	t.Parallel()
	got, err := license.NewKeys(public(key(1))).Verify(sign(t, key(1), handbook))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(handbook, got); diff != "" {
		t.Errorf("verified licence (-signed +read):\n%s", diff)
	}
}

func TestALicenceHoldsFromItsStartUntilItsEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		now  time.Time
		want error
	}{
		{"before", start.Add(-time.Nanosecond), license.ErrNotYet},
		{"the first moment", start, nil},
		{"the last moment", end.Add(-time.Nanosecond), nil},
		{"the end", end, license.ErrEnded},
		{"in another zone", end.Add(-time.Second).In(time.FixedZone("", 14*3600)), nil},
	} {
		if err := handbook.Check(c.now); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestAKeyIsReplacedWhileBothAreTrusted(t *testing.T) {
	t.Parallel()
	before, after := sign(t, key(1), handbook), sign(t, key(2), handbook)
	both, err := license.ParseKeys(license.EncodeKey(public(key(1))), license.EncodeKey(public(key(2))))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"old": before, "new": after} {
		if _, err := both.Verify(file); err != nil {
			t.Errorf("a file of the %s key: %v", name, err)
		}
	}
	if _, err := license.NewKeys(public(key(2))).Verify(before); !errors.Is(err, license.ErrUnknownKey) {
		t.Errorf("a file of a key that is trusted no more: %v", err)
	}
}

func TestAChangedFileIsRefused(t *testing.T) {
	t.Parallel()
	keys := license.NewKeys(public(key(1)), public(key(2)))
	file := sign(t, key(1), handbook)
	block, _ := pem.Decode(file)
	for i := range block.Bytes {
		changed := append([]byte(nil), block.Bytes...)
		changed[i] ^= 1
		if _, err := keys.Verify(pem.EncodeToMemory(&pem.Block{Type: block.Type, Headers: block.Headers, Bytes: changed})); err == nil {
			t.Fatalf("a file with byte %d changed was accepted", i)
		}
	}
	other := strings.Replace(string(file), license.KeyID(public(key(1))), license.KeyID(public(key(2))), 1)
	for _, c := range []struct {
		name string
		file []byte
		want error
	}{
		{"another trusted key named", []byte(other), license.ErrSignature},
		{"empty", nil, license.ErrFormat},
		{"no licence", []byte("hello"), license.ErrFormat},
		{"another kind of block", bytes.ReplaceAll(file, []byte("DUES LICENSE"), []byte("PRIVATE KEY")), license.ErrFormat},
		{"something after it", append(bytes.Clone(file), "more"...), license.ErrFormat},
		{"two files", append(bytes.Clone(file), file...), license.ErrFormat},
		{"too short", pem.EncodeToMemory(&pem.Block{Type: "DUES LICENSE", Bytes: []byte("x")}), license.ErrFormat},
		{"too long", bytes.Repeat([]byte(" "), 1<<17), license.ErrFormat},
	} {
		if got, err := keys.Verify(c.file); !errors.Is(err, c.want) || got.Account != "" {
			t.Errorf("%s: got %+v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestASignatureForAnotherPurposeIsNoLicence(t *testing.T) {
	t.Parallel()
	text := []byte(`{"version":1,"account":"eve","asset":"handbook","starts_at":"2026-01-01T00:00:00Z","ends_at":"2099-01-01T00:00:00Z"}`)
	forged := pem.EncodeToMemory(&pem.Block{
		Type: "DUES LICENSE", Headers: map[string]string{"Key": license.KeyID(public(key(1)))},
		Bytes: append(ed25519.Sign(key(1), text), text...),
	})
	if _, err := license.NewKeys(public(key(1))).Verify(forged); !errors.Is(err, license.ErrSignature) {
		t.Errorf("got %v, want %v", err, license.ErrSignature)
	}
}

func TestWhatCannotBeALicenceIsNotSigned(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]license.License{
		"no account":           {Asset: "handbook", StartsAt: start, EndsAt: end},
		"no asset":             {Account: "ada", StartsAt: start, EndsAt: end},
		"ends before it began": {Account: "ada", Asset: "handbook", StartsAt: end, EndsAt: start},
		"no time":              {Account: "ada", Asset: "handbook"},
		"too long":             {Account: strings.Repeat("a", 1<<16), Asset: "handbook", StartsAt: start, EndsAt: end},
	} {
		if _, err := license.Sign(key(1), l); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
	if _, err := license.Sign(nil, handbook); err == nil {
		t.Error("signed without a key")
	}
	for _, text := range []string{"", "AAAA", "no base64!"} {
		if _, err := license.ParseKeys(text); err == nil {
			t.Errorf("%q is taken for a public key", text)
		}
	}
}

func FuzzVerify(f *testing.F) {
	file, err := license.Sign(key(1), handbook)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte("-----BEGIN DUES LICENSE-----\n-----END DUES LICENSE-----\n"))
	keys := license.NewKeys(public(key(1)))
	f.Fuzz(func(t *testing.T, file []byte) {
		if l, err := keys.Verify(file); err == nil && !cmp.Equal(l, handbook) {
			t.Fatalf("forged: %+v", l)
		}
	})
}
