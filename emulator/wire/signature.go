package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// Sign makes the Stripe-Signature header of a webhook body for a time: one v1 per secret, so that both verify while a secret is rolled. As on
// all events of test mode, a v0 follows that is good for nothing: who checks signatures must look at v1 alone.
func Sign(body []byte, at int64, secrets ...string) string {
	stamp := strconv.FormatInt(at, 10)
	var header strings.Builder
	header.WriteString("t=" + stamp)
	for _, secret := range secrets {
		header.WriteString(",v1=" + stampSeal(secret, stamp, body))
	}
	for _, secret := range secrets[:min(len(secrets), 1)] {
		header.WriteString(",v0=" + stampSeal("v0"+secret, stamp, body))
	}
	return header.String()
}

// stampSeal signs a stamped body with a secret.
func stampSeal(secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
