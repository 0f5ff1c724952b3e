package operator

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dues-billing/dues/billing"
)

// Limits of a password. Length is what counts; rules about signs and capitals only make people write them down (NIST SP 800-63B).
const (
	PasswordCharsMin = 12
	passwordBytesMax = 1024
)

const (
	// rounds are what OWASP asks of PBKDF2 with SHA-256. More of them can come: each hash says its own.
	rounds    = 600_000
	saltBytes = 16
	hashName  = "pbkdf2-sha256"
)

var text64 = base64.RawStdEncoding

// CheckPassword returns an error of code invalid for a password that is too short, too long or the address itself.
func CheckPassword(password, email string) error {
	switch {
	case utf8.RuneCountInString(password) < PasswordCharsMin:
		return billing.Errorf(billing.Invalid, "a password has %d characters or more; a few words are easy to keep", PasswordCharsMin).In("password")
	case len(password) > passwordBytesMax:
		return billing.Errorf(billing.Invalid, "a password is at most %d bytes", passwordBytesMax).In("password")
	case strings.EqualFold(password, email):
		return billing.Errorf(billing.Invalid, "the address itself is no password").In("password")
	}
	return nil
}

// HashPassword is what is kept of a password: with a salt of its own, so that two who chose the same cannot be told from their hashes.
func HashPassword(password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) //tidy:allow rand a salt nobody may foresee; it never fails: the program ends before
	return hashed(password, salt, rounds)
}

func hashed(password string, salt []byte, rounds int) string {
	key, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		panic("operator: " + err.Error()) // only for lengths that a bug could ask for
	}
	return fmt.Sprintf("%s$%d$%s$%s", hashName, rounds, text64.EncodeToString(salt), text64.EncodeToString(key))
}

// nobody is the hash that is compared with when there is none: an address that is not known takes as long as one that is.
var nobody = hashName + "$" + strconv.Itoa(rounds) + "$AAAAAAAAAAAAAAAAAAAAAA$"

// RightPassword reports whether a password is the one of a hash. Without a hash none is, after as long a time.
func RightPassword(hash, password string) bool {
	if len(password) > passwordBytesMax {
		return false
	}
	if hash == "" {
		hash = nobody
	}
	parts := strings.Split(hash, "$")
	if len(parts) != 4 || parts[0] != hashName {
		return false
	}
	rounds, err := strconv.Atoi(parts[1])
	if err != nil || rounds < 1 {
		return false
	}
	salt, err := text64.DecodeString(parts[2])
	return err == nil && subtle.ConstantTimeCompare([]byte(hashed(password, salt, rounds)), []byte(hash)) == 1
}
