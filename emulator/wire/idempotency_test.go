package wire

import (
	"fmt"
	"testing"
)

func TestAKeyIsInUseWhileItsRequestRuns(t *testing.T) {
	t.Parallel()
	i := newIdempotency()
	if stored, err := i.begin("k", "a", 0); stored != nil || err != nil {
		t.Fatalf("a new key: %v %v", stored, err)
	}
	if _, err := i.begin("k", "a", 0); err == nil || err.Status != 409 || err.Code != "idempotency_key_in_use" {
		t.Errorf("a running key: %v", err)
	}
	i.finish("k", nil)
	if stored, err := i.begin("k", "b", 0); stored != nil || err != nil {
		t.Errorf("a key whose request left nothing must be free, even for others: %v %v", stored, err)
	}
}

func TestAKeyIsForgottenAfterADay(t *testing.T) {
	t.Parallel()
	i := newIdempotency()
	i.keep("k", reply{Fingerprint: "a", Status: 200, At: 1000})
	if stored, _ := i.begin("k", "a", 1000+idempotencySeconds-1); stored == nil {
		t.Error("forgotten too early")
	}
	if stored, err := i.begin("k", "b", 1000+idempotencySeconds); stored != nil || err != nil {
		t.Errorf("still known after a day: %v %v", stored, err)
	}
}

func TestRepliesHaveALimit(t *testing.T) {
	t.Parallel()
	i := newIdempotency()
	for n := range idempotencyReplies + 10 {
		i.keep(fmt.Sprint(n), reply{Fingerprint: "a"})
	}
	if stored, _ := i.begin("9", "a", 0); stored != nil {
		t.Error("the oldest reply is still there")
	}
	if stored, _ := i.begin("10", "a", 0); stored == nil {
		t.Error("a reply within the limit is gone")
	}
}
