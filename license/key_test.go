package license_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/license"
)

func TestAPrivateKeyIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	text := license.EncodePrivateKey(key(7))
	read, err := license.ParsePrivateKey(text)
	if err != nil || !read.Equal(key(7)) {
		t.Errorf("%q is read as another key: %v", text, err)
	}
	for _, bad := range []string{"", "dlsk_", strings.TrimPrefix(text, "dlsk_"), text + "A", license.EncodeKey(public(key(7)))} {
		if _, err := license.ParsePrivateKey(bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) && len(bad) > 5 {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	file, err := license.Sign(key(7), license.License{Account: "ada", Asset: "handbook", StartsAt: time.Unix(1, 0), EndsAt: time.Unix(2, 0)})
	if err != nil {
		b.Fatal(err)
	}
	keys := license.NewKeys(public(key(7)))
	for b.Loop() {
		if _, err := keys.Verify(file); err != nil {
			b.Fatal(err)
		}
	}
}
