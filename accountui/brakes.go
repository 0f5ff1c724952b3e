package accountui

import (
	"hash/maphash"
	"time"

	"golang.org/x/time/rate"

	"github.com/dues-billing/dues/billing"
)

// Each change, and each look at what one costs, asks Stripe, whose limits all accounts share: a person presses a few buttons in a row, a program is held to this.
const (
	changesPerSecond = 2
	changesAtOnce    = 20
)

// brakes hold up who changes too much. There are always as many: accounts that share one by chance are held up together, which people never notice.
type brakes struct {
	seed maphash.Seed
	all  [1024]*rate.Limiter
}

func newBrakes() brakes {
	b := brakes{seed: maphash.MakeSeed()}
	for i := range b.all {
		b.all[i] = rate.NewLimiter(changesPerSecond, changesAtOnce)
	}
	return b
}

// pass reports whether an account may change something now.
func (b *brakes) pass(id billing.AccountID, now time.Time) bool {
	return b.all[maphash.String(b.seed, string(id))%uint64(len(b.all))].AllowN(now, 1)
}
