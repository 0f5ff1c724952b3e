// Package webhook signs and checks notices: what Dues tells an application, as signed webhooks in the format of Standard Webhooks
// (https://www.standardwebhooks.com). It needs the standard library only, so that a receiver imports no more than this:
//
//	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhook.BodyBytesMax))
//	notice, err := webhook.Verify(r.Header, body, time.Now(), secret)
//
// A notice may come twice and notices may overtake one another: ID is the same each time, and Sequence grows with each notice about
// an account. A receiver in another language takes any library of Standard Webhooks.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a delivery.
const (
	IDHeader        = "Webhook-Id"        // the notice's ID
	TimestampHeader = "Webhook-Timestamp" // when this delivery was signed, in seconds since 1970
	SignatureHeader = "Webhook-Signature" // one or more of v1,BASE64, with a blank between
)

// Limits of a delivery.
const (
	// BodyBytesMax is how large a notice is at most.
	BodyBytesMax = 64 << 10
	// Tolerance is how far the time of a signature may be from now: an older delivery may be one that somebody recorded.
	Tolerance = 5 * time.Minute
	// SecretBytesMin and SecretBytesMax bound a secret, as Standard Webhooks asks.
	SecretBytesMin, SecretBytesMax = 24, 64

	headerBytesMax  = 1024 // a dozen signatures
	secretPrefix    = "whsec_"
	signaturePrefix = "v1,"
)

// What is wrong with a delivery that Verify refuses. Answer 400: a delivery that is not from Dues will not get better.
var (
	ErrHeader    = errors.New("webhook: a header is missing or cannot be read")
	ErrTime      = errors.New("webhook: the signature is too old, or from the future")
	ErrSignature = errors.New("webhook: the signature matches none of the secrets")
)

// Secret is what a sender and a receiver share.
type Secret struct{ key []byte }

// ParseSecret reads a secret: whsec_ and 24 to 64 random bytes in base64. The error never repeats it.
func ParseSecret(text string) (Secret, error) {
	encoded, found := strings.CutPrefix(text, secretPrefix)
	if !found {
		return Secret{}, fmt.Errorf("webhook: a secret begins with %s", secretPrefix)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return Secret{}, fmt.Errorf("webhook: a secret is %s and base64, and this is no base64", secretPrefix)
	}
	if len(key) < SecretBytesMin || len(key) > SecretBytesMax {
		return Secret{}, fmt.Errorf("webhook: a secret has %d to %d bytes, and this one %d", SecretBytesMin, SecretBytesMax, len(key))
	}
	return Secret{key}, nil
}

// Sign returns the headers of a delivery, signed with every secret: two while one is being replaced.
func Sign(id string, at time.Time, body []byte, secrets ...Secret) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		signatures[i] = signaturePrefix + base64.StdEncoding.EncodeToString(secret.mac(id, stamp, body))
	}
	return http.Header{IDHeader: {id}, TimestampHeader: {stamp}, SignatureHeader: {strings.Join(signatures, " ")}}
}

func (s Secret) mac(id, stamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Check checks the headers of a delivery over its raw body. Any of the secrets will do; give two while one is being replaced. now is
// the receiver's clock. The error is ErrHeader, ErrTime or ErrSignature.
func Check(header http.Header, body []byte, now time.Time, secrets ...Secret) error {
	id, stamp, signed := header.Get(IDHeader), header.Get(TimestampHeader), header.Get(SignatureHeader)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" || signed == "" || len(id)+len(stamp)+len(signed) > headerBytesMax {
		return ErrHeader
	}
	for _, secret := range secrets {
		want := secret.mac(id, stamp, body)
		for signature := range strings.FieldsSeq(signed) {
			encoded, found := strings.CutPrefix(signature, signaturePrefix)
			got, err := base64.StdEncoding.DecodeString(encoded)
			if !found || err != nil || !hmac.Equal(want, got) {
				continue // another version, or another secret's
			}
			if now.Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
				return ErrTime
			}
			return nil
		}
	}
	return ErrSignature
}

// Verify checks a delivery over its raw body and reads the notice. Any of the secrets (whsec_…) will do; give two while one is being
// replaced. now is the receiver's clock. A delivery that is not from Dues is ErrHeader, ErrTime or ErrSignature: answer 400.
func Verify(header http.Header, body []byte, now time.Time, secrets ...string) (Notice, error) {
	keys := make([]Secret, len(secrets))
	for i, text := range secrets {
		var err error
		if keys[i], err = ParseSecret(text); err != nil {
			return Notice{}, err
		}
	}
	if err := Check(header, body, now, keys...); err != nil {
		return Notice{}, err
	}
	var n Notice
	if err := json.Unmarshal(body, &n); err != nil {
		return Notice{}, fmt.Errorf("webhook: the notice cannot be read: %w", err)
	}
	return n, nil
}
