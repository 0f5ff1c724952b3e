package service_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// seats are ada's, in a line: how many there are, and who holds one; a - stands before who does not.
func (w *world) seats(s *service.Service) string {
	w.t.Helper()
	seats, err := s.Seats(w.t.Context(), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	words := []string{fmt.Sprint(seats.Total)}
	for _, seat := range seats.Seats {
		if !seat.Held {
			seat.Holder = "-" + seat.Holder
		}
		words = append(words, seat.Holder)
	}
	return strings.Join(words, " ")
}

// Features: 89.
func TestSeatsAreGivenToPeopleAndTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("team", 2)
		ctx := t.Context()
		assign := func(holder string, code billing.Code) {
			t.Helper()
			w.move(w.now.Now().Add(time.Millisecond)) // the order is that of the moments
			if _, err := s.AssignSeat(ctx, "ada", holder); billing.CodeOf(err) != code {
				t.Errorf("a seat for %s: got %v, want code %q", holder, err, code)
			}
		}
		assign("bob", "")
		assign("bob", "")
		assign("eve", "")
		assign("zoe", billing.Conflict)
		if got := w.seats(s); got != "2 bob eve" {
			t.Errorf("seats: %s", got)
		}
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "team", Quantity: 3}})
		assign("zoe", "")
		w.settle(s)
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "team", Quantity: 2, When: billing.ChangeNow}})
		w.settle(s)
		if got := w.seats(s); got != "2 bob eve -zoe" {
			t.Errorf("with a seat less: %s", got)
		}
		if _, err := s.ReleaseSeat(ctx, "ada", "bob"); err != nil {
			t.Error(err)
		}
		if got := w.seats(s); got != "2 eve zoe" {
			t.Errorf("after bob's was released: %s", got)
		}
		if _, err := s.ReleaseSeat(ctx, "ada", "bob"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("released again: got %v, want code not_found", err)
		}
		if _, err := s.AssignSeat(ctx, "nobody", "bob"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("of no account: got %v, want code not_found", err)
		}
		w.cancelled(s, service.Cancel{When: billing.CancelNow})
		if got := w.seats(s); got != "0 -eve -zoe" {
			t.Errorf("after a cancel: %s", got)
		}
	})
}

func TestAHundredWhoWantTheLastSeatsAtOnceGetAsManyAsThereAre(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.team("team", 3), nil}
		services[1] = w.serviceWith(func(c *service.Config) { c.Catalog = services[0].Catalog() })
		var wait sync.WaitGroup
		var given, refused atomic.Int64
		for i := range 100 {
			wait.Go(func() {
				switch _, err := services[i%2].AssignSeat(t.Context(), "ada", fmt.Sprint("person-", i)); billing.CodeOf(err) {
				case "":
					given.Add(1)
				case billing.Conflict:
					refused.Add(1)
				default:
					t.Errorf("person %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		if given.Load() != 3 || refused.Load() != 97 || len(strings.Fields(w.seats(services[0]))) != 4 {
			t.Errorf("%d were given and %d refused: %s", given.Load(), refused.Load(), w.seats(services[0]))
		}
	})
}
