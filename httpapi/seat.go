package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Seats are the seats of an account.
type Seats struct {
	Total int64  `json:"total" doc:"How many the account has: what it pays for of a price by seats, else the limit of the feature seats"`
	Free  int64  `json:"free" doc:"How many can still be given away"`
	Seats []Seat `json:"seats" nullable:"false" doc:"In the order in which they were given"`
}

// Seat is a seat that was given to a person.
type Seat struct {
	Holder     string `json:"holder"`
	AssignedAt Moment `json:"assigned_at"`
	Held       bool   `json:"held" doc:"false: the account has fewer seats than it has given away, and this one was given later than those"`
}

type seatRequest struct {
	Holder string `json:"holder" maxLength:"200" doc:"The app's own id of the person"`
}

func (a *api) seats(ctx context.Context, in *byID) (*reply[Seats], error) {
	return seated(a.service.Seats(ctx, billing.AccountID(in.ID)))
}

func (a *api) mySeats(ctx context.Context, _ *oneself) (*reply[Seats], error) {
	return seated(a.service.Seats(ctx, caller(ctx)))
}

func (a *api) assignSeat(ctx context.Context, in *withBodyOf[seatRequest]) (*reply[Seats], error) {
	return seated(a.service.AssignSeat(ctx, billing.AccountID(in.ID), in.Body.value.Holder))
}

func (a *api) releaseSeat(ctx context.Context, in *withBodyOf[seatRequest]) (*reply[Seats], error) {
	return seated(a.service.ReleaseSeat(ctx, billing.AccountID(in.ID), in.Body.value.Holder))
}

func seated(seats service.Seats, err error) (*reply[Seats], error) {
	if err != nil {
		return nil, err
	}
	out := Seats{Total: seats.Total, Free: max(0, seats.Total-int64(len(seats.Seats))), Seats: []Seat{}}
	for _, s := range seats.Seats {
		out.Seats = append(out.Seats, Seat{Holder: s.Holder, AssignedAt: Moment(s.AssignedAt), Held: s.Held})
	}
	return ok(out), nil
}
