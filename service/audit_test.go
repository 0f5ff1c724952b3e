package service_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// acted are the lines of the audit log that f chooses, newest first, each as "kind:who action account/object outcome".
func acted(t *testing.T, s *service.Service, f service.ActFilter) (lines []string) {
	t.Helper()
	acts, _, err := s.Acts(t.Context(), f, service.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range acts {
		lines = append(lines, fmt.Sprintf("%s %s %s/%s %s", a.Actor, a.Action, a.Account, a.Object, a.Outcome))
	}
	return lines
}

func TestALineOfTheAuditLogStandsBeforeTheChangeAndSaysWhatCameOfIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		key := service.Actor{Kind: service.KeyActor, Name: "key_1"}
		do := func(action string, ends error) {
			t.Helper()
			act := service.Act{Actor: key, Action: action, Account: "ada"}
			err := s.Audited(t.Context(), act, func(act *service.Act) error {
				if got := acted(t, s, service.ActFilter{Action: action}); !slices.Equal(got, []string{"key:key_1 " + action + " ada/ begun"}) {
					t.Errorf("while %s is under way: %q", action, got)
				}
				act.Object = "x"
				return ends
			})
			if !errors.Is(err, ends) {
				t.Errorf("%s ends with %v", action, err)
			}
		}
		do("good", nil)
		do("broken", errors.New("the disk is gone"))
		do("lost", billing.Errorf(billing.Unavailable, "Stripe did not answer"))
		do("declined", billing.Errorf(billing.Conflict, "the card was declined"))
		for _, code := range []billing.Code{billing.Invalid, billing.Forbidden, billing.NotFound, billing.TooLarge, billing.Unauthorized} {
			do("refused "+string(code), billing.Errorf(code, "no"))
		}
		if _, err := s.Begin(t.Context(), service.Act{Actor: key, Action: "died", Account: "bob"}); err != nil {
			t.Fatal(err)
		}
		want := []string{"key:key_1 died bob/ begun", "key:key_1 declined ada/x refused", "key:key_1 lost ada/x failed", "key:key_1 broken ada/x failed", "key:key_1 good ada/x done"}
		if got := acted(t, s, service.ActFilter{}); !slices.Equal(got, want) {
			t.Errorf("the log has %q, want %q", got, want)
		}
	})
}

func TestTheAuditLogIsAskedForByWhoWhatAndWhen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		for i, act := range []service.Act{
			{Actor: service.Actor{Kind: service.KeyActor, Name: "key_1"}, Action: "accountRefund", Account: "ada"},
			{Actor: service.Actor{Kind: service.UserActor, Name: "grace"}, Action: "cancel", Account: "ada"},
			{Actor: service.Actor{Kind: service.CLIActor, Name: "root"}, Action: "keys create"},
			{Actor: service.Actor{Kind: service.KeyActor, Name: "key_2"}, Action: "accountRefund", Account: "bob"},
		} {
			w.now.set(start.Add(time.Duration(i) * time.Hour))
			if err := s.Audited(t.Context(), act, func(*service.Act) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]struct {
			filter service.ActFilter
			want   int
		}{
			"all": {service.ActFilter{}, 4}, "a kind": {service.ActFilter{Kind: "key"}, 2}, "one of it": {service.ActFilter{Kind: "key", Who: "key_2"}, 1},
			"an action": {service.ActFilter{Action: "accountRefund"}, 2}, "an account": {service.ActFilter{Account: "ada"}, 2},
			"an account and a kind": {service.ActFilter{Account: "ada", Kind: "user"}, 1}, "since": {service.ActFilter{Since: start.Add(2 * time.Hour)}, 2},
			"nobody": {service.ActFilter{Who: "nobody"}, 0},
		} {
			if got := acted(t, s, c.filter); len(got) != c.want {
				t.Errorf("%s: %q, want %d", name, got, c.want)
			}
		}
		first, next, err := s.Acts(t.Context(), service.ActFilter{}, service.Page{Limit: 3})
		if err != nil || len(first) != 3 || first[0].Account != "bob" || !first[0].At.Equal(start.Add(3*time.Hour)) {
			t.Fatalf("the first page is %v, %v", first, err)
		}
		rest, end, err := s.Acts(t.Context(), service.ActFilter{}, service.Page{Limit: 3, Cursor: next})
		if err != nil || len(rest) != 1 || end != "" || rest[0].Actor.Name != "key_1" {
			t.Errorf("the last page is %v, %q, %v", rest, end, err)
		}
		if _, _, err := s.Acts(t.Context(), service.ActFilter{Kind: "somebody"}, service.Page{}); billing.CodeOf(err) != billing.Invalid {
			t.Errorf("an unknown kind: %v", err)
		}
	})
}

func TestOfADeletedAccountTheLogKeepsThatAndNotWho(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		for _, by := range []service.Actor{{Kind: service.UserActor, Name: "ada.lovelace"}, {Kind: service.KeyActor, Name: "key_1"}} {
			act := service.Act{Actor: by, Action: "removeMethod", Account: "ada", Object: "pm_1"}
			if err := s.Audited(t.Context(), act, func(*service.Act) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if done, err := s.DeleteAccount(t.Context(), "ada", service.Deletion{}); err != nil || !done {
			t.Fatalf("deleted: %v, %v", done, err)
		}
		want := []string{"key:key_1 removeMethod ada/ done", "user: removeMethod ada/ done"}
		if got := acted(t, s, service.ActFilter{Account: "ada"}); !slices.Equal(got, want) {
			t.Errorf("the log has %q, want %q", got, want)
		}
	})
}
