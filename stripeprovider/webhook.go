package stripeprovider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Limits of a delivery.
const (
	signatureHeader   = "Stripe-Signature"
	signatureAge      = 300 * time.Second // what Stripe's own libraries allow
	signatureBytesMax = 4096              // a dozen signatures; one per secret in use is normal
	versionsReported  = 16                // foreign API versions named in the log, once each
)

// Open implements service.WebhookVerifier. The signature is checked over the raw body before a byte of it is read. The SDK's
// ConstructEvent is not used: it decodes the whole event, refuses other API versions and takes fifty times as long.
func (c *Client) Open(header http.Header, body []byte, wall time.Time) (service.Envelope, error) {
	if len(c.secrets) == 0 {
		return service.Envelope{}, billing.Errorf(billing.Unavailable, "no webhook secret is configured, so no delivery can be trusted")
	}
	signed, err := readSignature(header.Get(signatureHeader))
	if err != nil {
		return service.Envelope{}, err
	}
	if !c.signedByUs(signed, body) {
		return service.Envelope{}, billing.Errorf(billing.Invalid, "the signature does not match the body and any of our secrets")
	}
	if age := wall.Sub(signed.at); age > signatureAge {
		return service.Envelope{}, billing.Errorf(billing.Invalid, "the signature is %s old; %s is the limit", age.Round(time.Second), signatureAge)
	}
	envelope, err := readEnvelope(body)
	if err != nil {
		return service.Envelope{}, err
	}
	if c.mode != anyMode && envelope.Livemode != (c.mode == liveMode) {
		return service.Envelope{}, billing.Errorf(billing.Invalid, "this is an event of %s, and our key is one of %s: let this endpoint deliver to where the key of its own mode is",
			modeOf(envelope.Livemode), c.mode).In("livemode")
	}
	c.reportVersion(envelope)
	return envelope, nil
}

// signature is a Stripe-Signature header: t=1492774577,v1=5257a8…,v1=….
type signature struct {
	stamp string // as signed
	at    time.Time
	v1    [][]byte
}

func readSignature(text string) (signature, error) {
	if text == "" {
		return signature{}, billing.Errorf(billing.Invalid, "the %s header is missing", signatureHeader)
	}
	if len(text) > signatureBytesMax {
		return signature{}, billing.Errorf(billing.Invalid, "the %s header is over %d bytes", signatureHeader, signatureBytesMax)
	}
	var s signature
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			s.stamp = value
		case "v1": // v0 is a fake on test events, and what comes later is not known yet
			if mac, err := hex.DecodeString(value); err == nil && len(mac) == sha256.Size {
				s.v1 = append(s.v1, mac)
			}
		}
	}
	seconds, err := strconv.ParseInt(s.stamp, 10, 64)
	if err != nil || len(s.v1) == 0 {
		return signature{}, billing.Errorf(billing.Invalid, "the %s header has no time or no v1 signature", signatureHeader)
	}
	s.at = time.Unix(seconds, 0)
	return s, nil
}

func (c *Client) signedByUs(s signature, body []byte) bool {
	for _, secret := range c.secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(s.stamp))
		mac.Write([]byte("."))
		mac.Write(body)
		want := mac.Sum(nil)
		for _, got := range s.v1 {
			if hmac.Equal(want, got) {
				return true
			}
		}
	}
	return false
}

// reportVersion tells the log of an endpoint with another API version, once for each version.
func (c *Client) reportVersion(e service.Envelope) {
	if e.APIVersion == APIVersion {
		return
	}
	c.mu.Lock()
	report := !c.versions[e.APIVersion] && len(c.versions) < versionsReported
	if report {
		c.versions[e.APIVersion] = true
	}
	c.mu.Unlock()
	if report {
		c.log.Warn("the webhook endpoint has another API version than this program; make it anew with ours", "theirs", e.APIVersion, "ours", APIVersion)
	}
}
