package service_test

import (
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// claim asks for a key, and says what became of it in a word.
func claim(t *testing.T, s *service.Service, r service.Request) (service.RequestClaim, string) {
	t.Helper()
	c, before, claimed, err := s.ClaimRequest(t.Context(), r)
	switch {
	case err != nil:
		return c, string(billing.CodeOf(err))
	case claimed:
		return c, "claimed"
	}
	return c, before.Body
}

// Features: 101.
func TestAnIdempotencyKeyIsTakenOnceByAHundredOnTwoReplicas(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		replicas := []*service.Service{w.service(), w.service()}
		asked := service.Request{Credential: "key:1", Key: "k", Hash: "a"}
		var mu sync.Mutex
		var all sync.WaitGroup
		became, ours := map[string]int{}, service.RequestClaim{}
		for i := range 100 {
			all.Go(func() {
				c, what := claim(t, replicas[i%2], asked)
				mu.Lock()
				defer mu.Unlock()
				if became[what]++; what == "claimed" {
					ours = c
				}
			})
		}
		all.Wait()
		if became["claimed"] != 1 || became[string(billing.Conflict)] != 99 {
			t.Fatalf("of 100 at once: %v, want one that has it and 99 that wait", became)
		}
		if err := replicas[0].AnswerRequest(t.Context(), ours, 200, `{"a":1}`); err != nil {
			t.Fatal(err)
		}
		if _, what := claim(t, replicas[1], asked); what != `{"a":1}` {
			t.Errorf("the other replica answers again with %s", what)
		}
	})
}

// A process that dies in the middle holds its key for two minutes. After them only the same request may go on where nobody knows how far it came.
//
// Features: 101.
func TestARequestThatBrokeOffIsCarriedOutAnewAndNoOtherInItsPlace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		asked := service.Request{Credential: "key:1", Key: "k", Hash: "a", Account: "ada"}
		other := asked
		other.Hash = "b"
		dead, _ := claim(t, s, asked)
		expect := func(when string, r service.Request, want string) (c service.RequestClaim) {
			t.Helper()
			c, got := claim(t, s, r)
			if got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
			return c
		}
		expect("at once", asked, string(billing.Conflict))
		w.move(w.now.Now().Add(2 * time.Minute))
		expect("another request", other, string(billing.Invalid))
		anew := expect("the same after its time", asked, "claimed")
		for body, c := range map[string]service.RequestClaim{"of the dead": dead, "anew": anew} {
			if err := s.AnswerRequest(t.Context(), c, 200, body); err != nil {
				t.Fatal(err)
			}
		}
		expect("answered", asked, "anew")
		w.move(w.now.Now().Add(24*time.Hour - time.Second))
		expect("almost a day later", asked, "anew")
		w.move(w.now.Now().Add(time.Second))
		expect("a day later", other, "claimed")
		w.move(w.now.Now().Add(24 * time.Hour))
		if n, err := w.store().ForgetRequests(t.Context(), w.now.Now().Add(-24*time.Hour), 10); n != 1 || err != nil {
			t.Errorf("%d old keys are deleted, %v; want the one", n, err)
		}
	})
}
