package service_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/service"
)

const operatorsPassword = "a few words are easy"

func codeOf(t testing.TB, who operator.Operator, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(who.Secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// operates adds an operator, who signs in once.
func (w *world) operates(s *service.Service, email string, role operator.Role) operator.Operator {
	w.t.Helper()
	made, err := s.Operators().Add(w.t.Context(), email, role, "Dues")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := s.Operators().Welcome(w.t.Context(), made.Link, operatorsPassword, codeOf(w.t, made.Operator, w.now.Now()), "test"); err != nil {
		w.t.Fatal(err)
	}
	return made.Operator
}

func TestOfManySignInsWithOneCodeOrOneLinkOneComesIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		replicas := []*service.Service{w.service(), w.service()}
		made, err := replicas[0].Operators().Add(t.Context(), "ada@example.com", operator.Own, "Dues")
		if err != nil {
			t.Fatal(err)
		}
		many := func(what string, try func(service.Operators) error) {
			t.Helper()
			var in atomic.Int32
			var all sync.WaitGroup
			for i := range 8 { // each takes a tenth of a second to compare passwords
				all.Go(func() {
					switch err := try(replicas[i%2].Operators()); billing.CodeOf(err) {
					case "":
						if err != nil {
							t.Error(err)
						}
						in.Add(1)
					case billing.Unauthorized, billing.NotFound:
					default:
						t.Error(err)
					}
				})
			}
			all.Wait()
			if in.Load() != 1 {
				t.Errorf("%d came in with one %s", in.Load(), what)
			}
		}
		now := w.now.Now()
		many("link", func(o service.Operators) error {
			_, _, err := o.Welcome(t.Context(), made.Link, operatorsPassword, codeOf(t, made.Operator, now), "test")
			return err
		})
		w.move(now.Add(time.Minute))
		many("code", func(o service.Operators) error {
			_, _, err := o.SignIn(t.Context(), "ada@example.com", operatorsPassword, codeOf(t, made.Operator, now.Add(time.Minute)), "test")
			return err
		})
		sessions, err := replicas[0].Operators().Sessions(t.Context())
		if err != nil || len(sessions) != 2 {
			t.Errorf("%d sessions, %v", len(sessions), err)
		}
	})
}

func TestOfOneAddressThereIsOneOperator(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		ada := w.operates(s, "ada@example.com", operator.Own)
		if _, err := s.Operators().Add(t.Context(), "ADA@example.com", operator.Read, "Dues"); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("a second one: %v", err)
		}
		w.operates(s, "bob@example.com", operator.Own)
		if err := s.Operators().Remove(t.Context(), ada.ID); err != nil {
			t.Fatal(err)
		}
		again := w.operates(s, "ada@example.com", operator.Read)
		if again.ID == ada.ID {
			t.Error("who comes again is who was removed")
		}
		all, err := s.Operators().List(t.Context(), true)
		if err != nil || len(all) != 3 || all[2].ID != ada.ID || all[2].Secret != "" || all[2].Password != "" {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestASessionEndsAtEveryReplicaAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.service().Operators(), w.service().Operators()
		ada := w.operates(w.service(), "ada@example.com", operator.Read)
		w.move(w.now.Now().Add(time.Minute))
		token, who, err := one.SignIn(t.Context(), "ada@example.com", operatorsPassword, codeOf(t, ada, w.now.Now()), "test")
		if err != nil || who.ID != ada.ID {
			t.Fatal(who, err)
		}
		w.move(w.now.Now().Add(5 * time.Minute))
		in, err := two.Signed(t.Context(), token, "")
		if err != nil || in.Role() != operator.Read {
			t.Fatal(in, err)
		}
		if in, err = one.Signed(t.Context(), token, ""); err != nil || !in.Session.SeenAt.Equal(w.now.Now()) {
			t.Errorf("seen at %s, %v; want %s", in.Session.SeenAt, err, w.now.Now())
		}
		if err := one.EndSession(t.Context(), in.Session.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := two.Signed(t.Context(), token, ""); billing.CodeOf(err) != billing.Unauthorized {
			t.Errorf("another replica: %v", err)
		}
	})
}

func TestASessionOfTheSettingsPasswordLastsNoLongerThanThePassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.service().Operators()
		token, err := o.Enter(t.Context(), "proof of one", "test")
		if err != nil {
			t.Fatal(err)
		}
		if in, err := o.Signed(t.Context(), token, "proof of one"); err != nil || in.Role() != operator.Own {
			t.Errorf("%+v, %v", in, err)
		}
		if _, err := o.Signed(t.Context(), token, "proof of another"); billing.CodeOf(err) != billing.Unauthorized {
			t.Errorf("with another password in the settings: %v", err)
		}
		w.move(w.now.Now().Add(operator.SessionLife))
		if _, err := o.Signed(t.Context(), token, "proof of one"); billing.CodeOf(err) != billing.Unauthorized {
			t.Errorf("after its time: %v", err)
		}
	})
}

func TestTheSettingsPasswordOpensNothingWhileTheOnlyOwnerHasANewLink(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		o, ada := s.Operators(), w.operates(s, "ada@example.com", operator.Own)
		made, err := o.Reset(t.Context(), ada.ID, "Dues")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Enter(t.Context(), "proof", "test"); billing.CodeOf(err) != billing.Unauthorized {
			t.Errorf("the password of the settings: %v", err)
		}
		for what, err := range map[string]error{"removed": o.Remove(t.Context(), ada.ID), "less": o.SetRole(t.Context(), ada.ID, operator.Read)} {
			if billing.CodeOf(err) != billing.Conflict {
				t.Errorf("the only owner is made %s: %v", what, err)
			}
		}
		if _, _, err := o.Welcome(t.Context(), made.Link, operatorsPassword, codeOf(t, made.Operator, w.now.Now()), "test"); err != nil {
			t.Error(err)
		}
	})
}

func TestTheProviderVouchesForWhomItDidBefore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.service().Operators()
		if _, err := o.Add(t.Context(), "ada@example.com", operator.Own, "Dues"); err != nil {
			t.Fatal(err)
		}
		in := func(subject, email string) error {
			_, _, err := o.SignInVouched(t.Context(), subject, email, "test")
			return err
		}
		if err := in("https://id.example.com 1", "Ada@example.com"); err != nil {
			t.Error(err)
		}
		if err := in("https://id.example.com 2", "ada@example.com"); billing.CodeOf(err) != billing.Unauthorized {
			t.Errorf("another person with her address: %v", err)
		}
		if err := in("https://id.example.com 1", "eve@example.com"); billing.CodeOf(err) != billing.Unauthorized {
			t.Errorf("an address that nobody added: %v", err)
		}
		if ways, err := o.Ways(t.Context()); err != nil || ways.Shared || !ways.Named {
			t.Errorf("%+v, %v", ways, err)
		}
	})
}
