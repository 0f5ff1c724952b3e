package stripeprovider

import (
	"context"
	"errors"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// How often, and how long apart, a key is asked for that another request holds: that request ends within seconds.
const (
	heldTries = 50
	heldWait  = 100 * time.Millisecond
)

// inTurn waits while another request holds the idempotency key of what it asks, so that of many who create the same at once each gets it. The SDK does
// not: it gives the 409 back at once.
func inTurn[T any](ctx context.Context, ask func() (T, error)) (made T, err error) {
	for range heldTries {
		made, err = ask()
		var refused *stripe.Error
		if !errors.As(err, &refused) || refused.Code != stripe.ErrorCodeIdempotencyKeyInUse {
			return made, err
		}
		select {
		case <-ctx.Done():
			return made, ctx.Err()
		case <-time.After(heldWait):
		}
	}
	return made, err
}
