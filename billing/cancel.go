package billing

import (
	"slices"
	"time"
	"unicode/utf8"
)

// CancelWhen says when a subscription is to end.
type CancelWhen string

// The ways to end a subscription.
const (
	CancelAtEnd CancelWhen = "period_end" // what is paid for is kept until its end
	CancelNow   CancelWhen = "now"        // nothing is given back
	CancelOn    CancelWhen = "date"       // at a date after the period's end; the last period is shortened to it, and its price with it
	CancelNever CancelWhen = "never"      // takes a scheduled cancel back
)

// CancelFeedback are what a customer may give as the reason of a cancel. They are Stripe's words
// (cancellation_details.feedback), which its reports count by; what Stripe itself calls the reason is Subscription.CancelReason.
var CancelFeedback = []string{
	"customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex", "too_expensive", "unused",
}

// CancelCommentMax is how many characters a customer may add in own words.
const CancelCommentMax = 1000

// CancellationDetails are what a customer gives beside the wish to cancel, both optional.
type CancellationDetails struct {
	Feedback string // one of CancelFeedback
	Comment  string
}

// Check returns an error of code invalid that names the field.
func (d CancellationDetails) Check() error {
	if d.Feedback != "" && !slices.Contains(CancelFeedback, d.Feedback) {
		return Errorf(Invalid, "%q is no feedback that we know; leave it out, or take other and say more in comment", d.Feedback).In("feedback")
	}
	if n := utf8.RuneCountInString(d.Comment); n > CancelCommentMax {
		return Errorf(Invalid, "a comment is at most %d characters long, got %d", CancelCommentMax, n).In("comment")
	}
	return nil
}

// Cancel decides which subscription has to be asked to end for a customer who wants that, on date with CancelOn. needed is false when it is so
// already. Who pays for nothing has nothing to cancel: an error of code conflict.
//
// A paused subscription has no period that could end, so it is ended now or at a date. A date inside the period that is paid is refused, an error
// of code invalid: Stripe would credit the time after it, or, told not to, charge it once more when the cancel is taken back.
func (c Catalog) Cancel(s State, when CancelWhen, date time.Time) (sub Subscription, needed bool, err error) {
	sub, ok := c.paying(s)
	switch {
	case !ok && when == CancelNever:
		return sub, false, Errorf(Conflict, "there is no running paid subscription whose cancel could be taken back; subscribe again")
	case !ok:
		return sub, false, Errorf(Conflict, "there is no running paid subscription to cancel")
	}
	switch when {
	case CancelNow:
		return sub, true, nil
	case CancelOn:
		if end := sub.PeriodEnd(); date.Before(end) && !sub.CancelAt.Equal(date) {
			return sub, false, Errorf(Invalid, "the time until %s is paid for; take a date after it, %q or %q", end.UTC().Format(time.RFC3339), CancelAtEnd, CancelNow).In("date")
		}
		return sub, !sub.CancelAt.Equal(date), nil
	case CancelNever:
		return sub, !sub.CancelAt.IsZero() || sub.CancelAtPeriodEnd, nil
	}
	if sub.Status == Paused {
		return sub, false, Errorf(Conflict, "the subscription is paused, so no period ends; cancel it now").In("when")
	}
	ends := sub.CancelAtPeriodEnd || !sub.CancelAt.IsZero() && !sub.CancelAt.After(sub.PeriodEnd())
	return sub, !ends, nil
}

// paying is the paid subscription that the customer is on, the first payment made.
func (c Catalog) paying(s State) (Subscription, bool) {
	best, ok := Best(c, s)
	if !ok || s.Deleted || best.Status.Ended() || best.Status == Incomplete || !c.Paid(best) {
		return Subscription{}, false
	}
	return best, true
}
