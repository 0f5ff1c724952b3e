package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// keyMax is far above the length of a real key; it stops a mistaken client from opening worlds named by novels.
const keyMax = 255

// keyOf is the API key of a request. One path takes the token of a session in its place, which comes back too.
func (s *Server) keyOf(r *http.Request) (key, token string, err *engine.Error) {
	if r.URL.Path == streamPath {
		if sent := sentKey(r.Header.Get("Authorization")); sent != "" && !isTestKey(sent) {
			if key, known := s.sessionKey(sent); known {
				return key, sent, nil
			}
		}
	}
	key, err = s.secretKeyOf(r)
	return key, "", err
}

// secretKeyOf reads the API key of a request, the secret one of a publishable key, and refuses what is no key of test mode, or of live mode where
// that is taken. The key is the account: the first use opens it.
func (s *Server) secretKeyOf(r *http.Request) (string, *engine.Error) {
	key := sentKey(r.Header.Get("Authorization"))
	switch {
	case key == "":
		return "", failure(401, "", "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "+
			"(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at "+
			"https://support.stripe.com/.")
	case s.opts.LiveKeys && isLiveKey(key):
		return key, nil
	case strings.HasPrefix(key, "sk_live_"), strings.HasPrefix(key, "rk_live_"), strings.HasPrefix(key, "pk_live_"):
		return "", failure(401, "", "This is an emulator and holds no live data, so it refuses the live key %s. Use a key that begins with sk_test_, "+
			"and keep live keys away from test programs.", mask(key))
	case strings.HasPrefix(key, publicPrefix):
		return secretOf(r, key)
	case !isTestKey(key):
		return "", failure(401, "", "Invalid API Key provided: %s", mask(key))
	}
	return key, nil
}

// foreign refuses a request in the name of an account that is not the key's.
func (s *Server) foreign(r *http.Request, key string) *engine.Error {
	for _, name := range []string{"Stripe-Account", "Stripe-Context"} {
		if other := r.Header.Get(name); other != "" && other != s.account(key).id {
			return failure(http.StatusForbidden, "account_invalid", "The provided key '%s' does not have access to account '%s' (or that account does "+
				"not exist). Application access may have been revoked.", mask(key), shorten(other))
		}
	}
	return nil
}

func sentKey(header string) string {
	scheme, rest, _ := strings.Cut(header, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return rest
	case strings.EqualFold(scheme, "Basic"):
		plain, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return ""
		}
		key, _, _ := strings.Cut(string(plain), ":")
		return key
	}
	return ""
}

func isTestKey(key string) bool { return isKey(key, "test_") }

func isLiveKey(key string) bool { return isKey(key, "live_") }

func isKey(key, mode string) bool {
	secret, ok := strings.CutPrefix(key, "sk_"+mode)
	if !ok {
		secret, ok = strings.CutPrefix(key, "rk_"+mode)
	}
	if !ok || secret == "" || len(key) > keyMax {
		return false
	}
	for _, c := range []byte(secret) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return true
}

// inMode returns what an account says in the words of its mode. Every object is rendered as one of test mode; in JSON the text that is replaced
// can be nothing but the field, for a quotation mark inside of a text is escaped.
func inMode(key string, body []byte) []byte {
	if !isLiveKey(key) {
		return body
	}
	return bytes.ReplaceAll(body, []byte(`"livemode": false`), []byte(`"livemode": true`))
}

// mask shows the ends of a key, as Stripe does.
func mask(key string) string {
	const head, tail = 8, 4
	if len(key) <= head+tail {
		return strings.Repeat("*", len(key))
	}
	return key[:head] + strings.Repeat("*", min(len(key)-head-tail, 20)) + key[len(key)-tail:]
}

const idCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// requestID names the n-th request of an account. It is drawn from the seed, so that a run repeated gives the same ids in its events.
func requestID(seed, key string, n uint64) string {
	var most [2 * keyMax]byte // of a seed of usual length stays on the stack
	name := most[:0]
	for _, part := range []string{seed, "\x00request\x00", key, "\x00"} {
		name = append(name, part...)
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(name, n))
	out := [18]byte{'r', 'e', 'q', '_'}
	for i := range out[4:] {
		out[4+i] = idCharacters[int(sum[i])%len(idCharacters)]
	}
	return string(out[:])
}
