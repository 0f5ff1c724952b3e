package operator

import (
	"crypto/subtle"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/dues-billing/dues/billing"
)

const (
	// codeStep is how long a code stands (RFC 6238); every authenticator knows this one, with six digits of SHA-1.
	codeStep = 30 * time.Second
	// codeSkew are the steps before and after the one of now that open too: a device's clock may be off, and people type slowly.
	codeSkew = 1
)

// NewSecret makes what the codes of one device come from.
func NewSecret(brand, email string) (string, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: brand, AccountName: email, SecretSize: 20})
	if err != nil {
		return "", err
	}
	return key.Secret(), nil
}

// SecretURI is the secret as an authenticator reads it from a QR code.
func SecretURI(secret, brand, email string) string {
	name := url.PathEscape(brand) + ":" + url.PathEscape(email)
	return "otpauth://totp/" + name + "?" + strings.ReplaceAll(url.Values{"secret": {secret}, "issuer": {brand}}.Encode(), "+", "%20") // some show a plus as it is
}

// CodeFor returns the half minute that a code stands for. Neither the one that was used last nor one before it counts: whoever reads a
// code over a shoulder has nothing of it. Errors are of code unauthorized.
func (o Operator) CodeFor(code string, now time.Time) (step int64, err error) {
	code = strings.Join(strings.Fields(code), "")
	at := now.Unix() / int64(codeStep/time.Second)
	used := false
	for step = at - codeSkew; step <= at+codeSkew; step++ {
		want, err := totp.GenerateCodeCustom(o.Secret, time.Unix(step*int64(codeStep/time.Second), 0), totp.ValidateOpts{
			Period: uint(codeStep / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
		})
		if err != nil || o.Secret == "" || subtle.ConstantTimeCompare([]byte(want), []byte(code)) != 1 {
			continue
		}
		if step > o.CodeStep {
			return step, nil
		}
		used = true
	}
	if used {
		return 0, billing.Errorf(billing.Unauthorized, "this code was used already; wait for the next, at most half a minute").In("code")
	}
	return 0, billing.Errorf(billing.Unauthorized, "this is not the code of now; is the clock of the device right?").In("code")
}
