package webhook_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dues-billing/dues/webhook"
)

// The vector that the libraries of Standard Webhooks are tested with.
const (
	vectorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorStamp  = 1614265330
	vectorBody   = `{"test": 2432232314}`
	vectorSigned = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func secretOf(t interface{ Fatal(...any) }, text string) webhook.Secret {
	secret, err := webhook.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func other(seed byte) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(seed), 32)))
}

func TestASignatureIsTheOneOfStandardWebhooks(t *testing.T) {
	t.Parallel()
	header := webhook.Sign(vectorID, time.Unix(vectorStamp, 0), []byte(vectorBody), secretOf(t, vectorSecret))
	for name, want := range map[string]string{"webhook-id": vectorID, "webhook-timestamp": "1614265330", "webhook-signature": vectorSigned} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestADeliveryIsTrustedOnlyWhenItIsSignedByUsAndFresh(t *testing.T) {
	t.Parallel()
	at := time.Unix(vectorStamp, 0)
	signed := func(change ...string) http.Header {
		h := http.Header{"Webhook-Id": {vectorID}, "Webhook-Timestamp": {"1614265330"}, "Webhook-Signature": {vectorSigned}}
		for i := 0; i+1 < len(change); i += 2 {
			h.Set(change[i], change[i+1])
		}
		return h
	}
	for _, c := range []struct {
		name   string
		header http.Header
		body   string
		now    time.Time
		secret string
		want   error
	}{
		{"as it was sent", signed(), vectorBody, at, vectorSecret, nil},
		{"among signatures of others, and of versions to come", signed("webhook-signature", "v1a,AAAA v1,nonsense= "+vectorSigned), vectorBody, at, vectorSecret, nil},
		{"five minutes later", signed(), vectorBody, at.Add(5 * time.Minute), vectorSecret, nil},
		{"later than that", signed(), vectorBody, at.Add(301 * time.Second), vectorSecret, webhook.ErrTime},
		{"from the future", signed(), vectorBody, at.Add(-301 * time.Second), vectorSecret, webhook.ErrTime},
		{"another body", signed(), vectorBody + " ", at, vectorSecret, webhook.ErrSignature},
		{"another id", signed("webhook-id", "msg_other"), vectorBody, at, vectorSecret, webhook.ErrSignature},
		{"another time", signed("webhook-timestamp", "1614265331"), vectorBody, at, vectorSecret, webhook.ErrSignature},
		{"another secret", signed(), vectorBody, at, other(1), webhook.ErrSignature},
		{"a version that is not ours", signed("webhook-signature", "v2"+vectorSigned[2:]), vectorBody, at, vectorSecret, webhook.ErrSignature},
		{"no signature", signed("webhook-signature", ""), vectorBody, at, vectorSecret, webhook.ErrHeader},
		{"no id", signed("webhook-id", ""), vectorBody, at, vectorSecret, webhook.ErrHeader},
		{"no time", signed("webhook-timestamp", "soon"), vectorBody, at, vectorSecret, webhook.ErrHeader},
		{"a header without end", signed("webhook-signature", strings.Repeat(vectorSigned+" ", 100)), vectorBody, at, vectorSecret, webhook.ErrHeader},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := webhook.Verify(c.header, []byte(c.body), c.now, c.secret); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestNoSecretMeansNoTrust(t *testing.T) {
	t.Parallel()
	header := webhook.Sign(vectorID, time.Unix(vectorStamp, 0), []byte(vectorBody))
	if _, err := webhook.Verify(header, []byte(vectorBody), time.Unix(vectorStamp, 0)); !errors.Is(err, webhook.ErrHeader) {
		t.Errorf("unsigned: got %v, want ErrHeader", err)
	}
	header = webhook.Sign(vectorID, time.Unix(vectorStamp, 0), []byte(vectorBody), secretOf(t, vectorSecret))
	if _, err := webhook.Verify(header, []byte(vectorBody), time.Unix(vectorStamp, 0)); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("without a secret to check with: got %v, want ErrSignature", err)
	}
}

func TestASecretIsReplacedWithoutAGap(t *testing.T) {
	t.Parallel()
	before, after := other(1), other(2)
	at, body := time.Unix(vectorStamp, 0), []byte(`{"id":"msg_1","type":"access.changed"}`)
	header := webhook.Sign("msg_1", at, body, secretOf(t, after), secretOf(t, before))
	for _, held := range [][]string{{before}, {after}, {before, after}} {
		if n, err := webhook.Verify(header, body, at, held...); err != nil || n.Type != "access.changed" {
			t.Errorf("a receiver with %d secrets got %+v, %v", len(held), n, err)
		}
	}
}

func TestASecretThatCannotBeRightIsRefusedAndNotRepeated(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "no prefix": vectorSecret[6:], "no base64": "whsec_***", "too short": "whsec_c2hvcnQ=",
		"too long": "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65)),
	} {
		_, err := webhook.ParseSecret(text)
		if err == nil {
			t.Errorf("%s was taken", name)
		} else if text != "" && strings.Contains(err.Error(), text[min(6, len(text)-1):]) {
			t.Errorf("%s: the error repeats the secret: %v", name, err)
		}
	}
}

func TestWhatIsSignedIsTrustedAndNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		id := rapid.StringMatching(`msg_[a-z0-9]{1,40}`).Draw(t, "id")
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0)
		secret := secretOf(t, other(byte(rapid.IntRange(1, 100).Draw(t, "secret"))))
		header := webhook.Sign(id, at, body, secret)
		if err := webhook.Check(header, body, at, secret); err != nil {
			t.Fatalf("what was signed is refused: %v", err)
		}
		if err := webhook.Check(header, append(body, 0), at, secret); !errors.Is(err, webhook.ErrSignature) {
			t.Fatalf("another body: got %v, want ErrSignature", err)
		}
	})
}
