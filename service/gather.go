package service

import (
	"context"
	"time"
)

// What one change brings about comes as several webhooks within milliseconds, a renewal as nine, and a turn costs nearly the same whether it
// is for one of them or for all. So a round begins a moment after something has come in, and while more comes in it waits for a while: the
// processor is better used to take that in.
const (
	gatherPause = 10 * time.Millisecond  // without a webhook, after which nothing more is waited for
	gatherMax   = 100 * time.Millisecond // how long a round waits at most
)

// gathered is a round that waits for the rest of what is coming in. When nothing has come in since the round before, it does not wait.
func (p *providerAccount) gathered(do round) round {
	seen := p.arrived.Load()
	return func(ctx context.Context) (done int, held bool, err error) {
		for range gatherMax / gatherPause {
			now := p.arrived.Load()
			if now == seen {
				break
			}
			seen = now
			if err := sleep(ctx, gatherPause); err != nil {
				return 0, false, err
			}
		}
		return do(ctx)
	}
}
