package stripeprovider_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/stripeprovider"
)

const (
	secret = "whsec_one"
	rolled = "whsec_two"
	event  = `{"id":"evt_1","object":"event","api_version":"2026-06-24.dahlia","created":1767225600,"livemode":false,
 "type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1"}}}`
)

var signedAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func sign(secret string, at time.Time, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return hex.EncodeToString(mac.Sum(nil))
}

func signed(secret, body string) string {
	return fmt.Sprintf("t=%d,v1=%s", signedAt.Unix(), sign(secret, signedAt, body))
}

func header(signature string) http.Header {
	h := http.Header{}
	if signature != "" {
		h.Set("Stripe-Signature", signature)
	}
	return h
}

func verifier(secrets ...string) *stripeprovider.Client {
	return stripeprovider.New(stripeprovider.Config{Key: "sk_test_1", Secrets: secrets})
}

// Rows: C23.
// Features: 62 63.
func TestOnlyDeliveriesSignedWithOurSecretAreOpened(t *testing.T) {
	t.Parallel()
	stamp := signedAt.Unix()
	v1 := sign(secret, signedAt, event)
	for _, c := range []struct {
		name, signature, body string
		now                   time.Time
		refused               string // "" when it opens
	}{
		{"just signed", signed(secret, event), event, signedAt, ""},
		{"signed with the rolled secret", signed(rolled, event), event, signedAt, ""},
		{"300 seconds old", signed(secret, event), event, signedAt.Add(300 * time.Second), ""},
		{"our clock is behind", signed(secret, event), event, signedAt.Add(-time.Hour), ""},
		{"one of two signatures is ours", fmt.Sprintf("t=%d,v1=%064x,v1=%s", stamp, 1, v1), event, signedAt, ""},
		{"an unknown scheme beside ours", fmt.Sprintf("t=%d,v9=x,v0=00,v1=%s", stamp, v1), event, signedAt, ""},
		{"upper-case hex", fmt.Sprintf("t=%d,v1=%s", stamp, strings.ToUpper(v1)), event, signedAt, ""},

		{"301 seconds old", signed(secret, event), event, signedAt.Add(301 * time.Second), "the signature is 5m1s old; 5m0s is the limit"},
		{"no header", "", event, signedAt, "header is missing"},
		{"another secret", signed("whsec_other", event), event, signedAt, "does not match"},
		{"an empty secret", signed("", event), event, signedAt, "does not match"},
		{"body changed", signed(secret, event), event + " ", signedAt, "does not match"},
		{"time changed", fmt.Sprintf("t=%d,v1=%s", stamp+1, v1), event, signedAt, "does not match"},
		{"only v0", fmt.Sprintf("t=%d,v0=%s", stamp, v1), event, signedAt, "no time or no v1"},
		{"no time", "v1=" + v1, event, signedAt, "no time or no v1"},
		{"time in words", "t=now,v1=" + v1, event, signedAt, "no time or no v1"},
		{"half a signature", fmt.Sprintf("t=%d,v1=%s", stamp, v1[:32]), event, signedAt, "no time or no v1"},
		{"not hex", fmt.Sprintf("t=%d,v1=%s", stamp, strings.Repeat("z", 64)), event, signedAt, "no time or no v1"},
		{"a header without end", signed(secret, event) + strings.Repeat(",v1="+v1, 100), event, signedAt, "over 4096 bytes"},
	} {
		got, err := verifier(secret, rolled).Open(header(c.signature), []byte(c.body), c.now)
		switch {
		case c.refused == "" && (err != nil || got.ID != "evt_1"):
			t.Errorf("%s: got %+v, %v; want the event", c.name, got, err)
		case c.refused != "" && (billing.CodeOf(err) != billing.Invalid || !strings.Contains(err.Error(), c.refused)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.refused)
		case c.refused != "" && got != (service.Envelope{}):
			t.Errorf("%s: a refused delivery was read: %+v", c.name, got)
		}
	}
}

// Features: 62.
func TestWithoutASecretNothingIsTrusted(t *testing.T) {
	t.Parallel()
	for _, client := range []*stripeprovider.Client{verifier(), verifier("")} {
		if _, err := client.Open(header(signed("", event)), []byte(event), signedAt); billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("got %v, want code unavailable", err)
		}
	}
}

// Rows: C26.
func TestAnEnvelopeSaysWhomAnEventIsAbout(t *testing.T) {
	t.Parallel()
	body := func(object string) string {
		return `{"id":"evt_1","object":"event","created":1767225600,"type":"x.y","data":{"object":` + object + `}}`
	}
	for _, c := range []struct{ name, body, customer, object string }{
		{"a dispute", body(`{"id":"dp_1","object":"dispute","charge":"ch_1"}`), "", "ch_1"},
		{"a refund whose charge is expanded", body(`{"id":"re_1","charge":{"id":"ch_1","customer":"cus_1"},"object":"refund"}`), "", "ch_1"},
		{"a refund of no charge", body(`{"id":"re_1","object":"refund","charge":null}`), "", ""},
		{"a coupon", body(`{"id":"half","object":"coupon"}`), "", "half"},
		{"an id", body(`{"id":"in_1","object":"invoice","customer":"cus_1"}`), "cus_1", "in_1"},
		{"an expanded customer", body(`{"id":"in_1","object":"invoice","customer":{"id":"cus_1","object":"customer"}}`), "cus_1", "in_1"},
		{"the customer itself", body(`{"id":"cus_1","object":"customer"}`), "cus_1", "cus_1"},
		{"a guest", body(`{"id":"ch_1","object":"charge","customer":null}`), "", "ch_1"},
		{"whose card it was", body(`{"id":"pm_1","object":"payment_method","customer":null},"previous_attributes":{"customer":"cus_1"}`), "cus_1", "pm_1"},
		{"whose card it was, said first", strings.Replace(body(`{"id":"pm_1","object":"payment_method","customer":null}`), `{"object"`, `{"previous_attributes":{"a":[1],"customer":"cus_1"},"object"`, 1), "cus_1", "pm_1"},
		{"whose it is now", body(`{"id":"pm_1","object":"payment_method","customer":"cus_2"},"previous_attributes":{"customer":"cus_1"}`), "cus_2", "pm_1"},
		{"nobody", body(`{"id":"price_1","object":"price"}`), "", "price_1"},
	} {
		got, err := verifier(secret).Open(header(signed(secret, c.body)), []byte(c.body), signedAt)
		want := service.Envelope{ID: "evt_1", Type: "x.y", Created: signedAt, Customer: billing.CustomerID(c.customer), ObjectID: c.object}
		want.Mirrored = c.customer == "" && (strings.HasPrefix(c.object, "ch_") || strings.HasPrefix(c.object, "price_"))
		if err != nil || got != want {
			t.Errorf("%s: %v\n%s", c.name, err, cmp.Diff(want, got))
		}
	}
}

// Rows: D4.
func TestASignedBodyThatIsNoEventIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"empty", "", "not an event in JSON"},
		{"not JSON", "id=evt_1", "not an event in JSON"},
		{"two values", event + event, "not an event in JSON"},
		{"a list", "[]", "not an event in JSON"},
		{"a number as id", `{"id":1,"object":"event","type":"x","created":1}`, "not an event in JSON"},
		{"another object", strings.Replace(event, `"object":"event"`, `"object":"invoice"`, 1), "not an event:"},
		{"no id", strings.Replace(event, `"id":"evt_1"`, `"id":""`, 1), "not an event:"},
		{"no type", strings.Replace(event, `"invoice.paid"`, `null`, 1), "not an event:"},
		{"no time", strings.Replace(event, `1767225600`, `null`, 1), "no time of creation"},
		{"a thin event", `{"id":"evt_1","object":"v2.core.event","type":"v1.x","created":"2026-01-01T00:00:00Z"}`, "thin event"},
	} {
		_, err := verifier(secret).Open(header(signed(secret, c.body)), []byte(c.body), signedAt)
		if billing.CodeOf(err) != billing.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestAnotherAPIVersionIsTakenInAndReportedOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	client := stripeprovider.New(stripeprovider.Config{Secrets: []string{secret}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	body := strings.Replace(event, "2026-06-24.dahlia", "2026-10-28.endive", 1)
	for range 3 {
		if _, err := client.Open(header(signed(secret, body)), []byte(body), signedAt); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Open(header(signed(secret, event)), []byte(event), signedAt); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "theirs=2026-10-28.endive"); n != 1 || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("want one line about the version, got:\n%s", &log)
	}
}

// Features: 112.
func TestThePinnedVersionIsTheOneTheCodeWasReadAgainst(t *testing.T) {
	t.Parallel()
	if stripeprovider.APIVersion != "2026-06-24.dahlia" {
		t.Errorf("the SDK now speaks %s: read its changelog, look through mirror.go, then change this test", stripeprovider.APIVersion)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(signed(secret, event), event)
	f.Add("t=1,v1=00", "{}")
	f.Add("", "")
	f.Add(signed(secret, event)+",v1=", event)
	client := verifier(secret)
	f.Fuzz(func(t *testing.T, signature, body string) {
		got, err := client.Open(header(signature), []byte(body), signedAt)
		if err != nil {
			if got != (service.Envelope{}) {
				t.Fatalf("refused and read: %+v, %v", got, err)
			}
			return
		}
		stamp := ""
		for part := range strings.SplitSeq(signature, ",") {
			if value, ok := strings.CutPrefix(part, "t="); ok {
				stamp = value
			}
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "." + body))
		if !strings.Contains(strings.ToLower(signature), "v1="+hex.EncodeToString(mac.Sum(nil))) {
			t.Fatalf("opened without our signature: %q", signature)
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	f.Add(event)
	f.Add(`{"id":"evt_1","object":"event","created":1,"type":"x","data":{"object":{"customer":{"id":{}}}}}`)
	f.Add(`{"data":{"object":[]}}`)
	client := verifier(secret)
	f.Fuzz(func(t *testing.T, body string) {
		got, err := client.Open(header(signed(secret, body)), []byte(body), signedAt)
		if err != nil && billing.CodeOf(err) != billing.Invalid {
			t.Fatalf("%q: code %q", body, billing.CodeOf(err))
		}
		if err == nil && (got.ID == "" || got.Type == "" || got.Created.IsZero()) {
			t.Fatalf("%q was opened as %+v", body, got)
		}
	})
}

// FuzzEnvelopeIsWhatJSONSays holds the walk against encoding/json on whatever JSON comes.
func FuzzEnvelopeIsWhatJSONSays(f *testing.F) {
	f.Add(event)
	f.Add(`{"id":"evt_\u0031","object":"event","created":1,"type":"x\"y\\","data":{"object":{"id":"a","x":[{"id":"b"},"}",1.5e3,[]],"customer":{"id":"cus_1","a":{}}}}}`)
	f.Add(` { "object" : "event" , "id":"e","type":"t","created": 3, "data" : { "object" : { "object":"customer", "id":"cus_2" } , "previous_attributes":{"id":"no"} } } `)
	client := verifier(secret)
	f.Fuzz(func(t *testing.T, body string) {
		var want struct {
			ID      string `json:"id"`
			Type    string `json:"type"`
			Created int64  `json:"created"`
			Data    struct {
				Object struct {
					ID string `json:"id"`
				} `json:"object"`
			} `json:"data"`
		}
		if json.Unmarshal([]byte(body), &want) != nil || !plainKeys(body) {
			return
		}
		got, err := client.Open(header(signed(secret, body)), []byte(body), signedAt)
		if err != nil {
			return
		}
		if got.ID != want.ID || got.Type != want.Type || got.Created.Unix() != want.Created || got.ObjectID != want.Data.Object.ID {
			t.Fatalf("%q: got %+v, JSON says %+v", body, got, want)
		}
	})
}

// plainKeys reports whether encoding/json reads no member by another spelling of its name or twice, which Stripe never sends.
func plainKeys(body string) bool {
	if body != strings.ToLower(body) || !utf8.ValidString(body) {
		return false
	}
	for _, key := range []string{"id", "type", "created", "data", "object"} {
		if strings.Count(body, key) > 3 || strings.ContainsAny(body, "ſK") {
			return false
		}
	}
	return true
}

func BenchmarkOpen(b *testing.B) {
	body := strings.Replace(event, `"customer"`, `"lines":"`+strings.Repeat("x", 4000)+`","customer"`, 1)
	client, h := verifier(secret), header(signed(secret, body))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := client.Open(h, []byte(body), signedAt); err != nil {
			b.Fatal(err)
		}
	}
}
