package billing

import (
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
)

// Seat is one of the seats that an account pays for, given to a person.
type Seat struct {
	Account    AccountID
	Holder     string // the application's own id of the person
	AssignedAt time.Time
	Held       bool // it is within what is paid for
}

// SeatHolderMax is how many characters a holder's id may have.
const SeatHolderMax = 200

// SeatsMax is how many seats of an account may be given away.
const SeatsMax = 10_000

// seatsFeature is the feature that says how many seats a plan has that is not sold by them.
const seatsFeature FeatureID = "seats"

// Seats is how many seats an account has with its access in each group of plans, for what groups give adds up.
func (c Catalog) Seats(accesses ...Access) (all int64) {
	for _, a := range accesses {
		all += c.In(a.Group).seats(a)
	}
	return all
}

// seats are those of one group: what is paid for of a price that is sold by them, else the limit of the feature "seats", with those that add-ons give of it.
// Without full access there are those of the free plan.
func (c Catalog) seats(a Access) int64 {
	feature := slices.IndexFunc(c.Features, func(f Feature) bool { return f.ID == seatsFeature && f.Type == Limit })
	bySeat := a.Level == Full && a.Quantity > 0
	switch {
	case bySeat && feature < 0:
		return a.Quantity
	case bySeat:
		a.Plan = "" // what is paid for by seats counts instead of the plan's limit, and add-ons add to it
		return a.Quantity + entitlement(c, a, c.Features[feature]).Limit
	case feature < 0:
		return 0
	}
	return entitlement(c, a, c.Features[feature]).Limit
}

// Seated says which seats are within what is paid for: those that were assigned first. seats are in that order.
func Seated(seats []Seat, paid int64) []Seat {
	for i := range seats {
		seats[i].Held = int64(i) < paid
	}
	return seats
}

// Assign decides whether a person may be given a seat. needed is false for who has one already. Without a free seat it is an error of code
// conflict that says how many there are.
func Assign(seats []Seat, paid int64, holder string) (needed bool, err error) {
	switch {
	case holder == "":
		return false, Errorf(Invalid, "holder is missing").In("holder")
	case utf8.RuneCountInString(holder) > SeatHolderMax:
		return false, Errorf(Invalid, "a holder's id is at most %d characters long", SeatHolderMax).In("holder")
	case slices.ContainsFunc([]rune(holder), unicode.IsControl):
		return false, Errorf(Invalid, "holder must be printable text").In("holder")
	case slices.ContainsFunc(seats, func(s Seat) bool { return s.Holder == holder }):
		return false, nil
	case int64(len(seats)) >= paid:
		return false, Errorf(Conflict, "%d of %d seats are taken; release one, or pay for more", len(seats), paid)
	case len(seats) >= SeatsMax:
		return false, Errorf(Conflict, "an account can give away %d seats", SeatsMax)
	}
	return true, nil
}
