package billing_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
)

// A cause may hold what outsiders must not read: the message they see never includes it, the log does.
func TestTheCauseOfAnErrorStaysOutOfItsMessage(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial tcp 10.0.0.7:5432: refused")
	err := error(billing.Errorf(billing.Unavailable, "try again in %d s", 5).Because(cause).In("price"))
	var seen *billing.Error
	if !errors.As(fmt.Errorf("upgrade: %w", err), &seen) {
		t.Fatal("an *Error is not found in its chain")
	}
	if seen.Message != "try again in 5 s" || seen.Field != "price" {
		t.Errorf("outsiders read %q about %q", seen.Message, seen.Field)
	}
	if !strings.Contains(err.Error(), "10.0.0.7") || !errors.Is(err, cause) {
		t.Errorf("the log loses the cause: %v", err)
	}
	if got := billing.CodeOf(fmt.Errorf("upgrade: %w", err)); got != billing.Unavailable {
		t.Errorf("code: got %q", got)
	}
	if got := billing.CodeOf(cause); got != "" {
		t.Errorf("code of another error: got %q", got)
	}
}
