package service

import (
	"context"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	// numbersMonths is how many months are counted: two years and the running month, so that each month has the one of a year before.
	numbersMonths = 25
	// numbersAge is how old numbers may be when they are shown. Counting reads all invoices.
	numbersAge = 15 * time.Minute
	// numbersPage is how many customers are in memory at once.
	numbersPage = 500
)

// Numbers are what was counted at a moment.
type Numbers struct {
	At time.Time // business time
	billing.Standings
	Currencies []billing.Numbers // the one of most revenue first; none before the first invoice
}

// counted keeps Numbers. Who asks while they are counted waits for that.
type counted struct {
	mu   sync.Mutex
	last Numbers
	wall time.Time // when they were counted; zero: never
}

// Numbers counts revenue, customers and payments by month, from the mirror: the same invoices and subscriptions on which access is decided. They are at most 15 minutes
// old; fresh counts them anew.
func (s *Service) Numbers(ctx context.Context, fresh bool) (Numbers, error) {
	s.numbers.mu.Lock()
	defer s.numbers.mu.Unlock()
	now := s.cfg.Clock.Wall()
	if !fresh && !s.numbers.wall.IsZero() && now.Sub(s.numbers.wall) < numbersAge {
		return s.numbers.last, nil
	}
	at := s.cfg.Clock.Business()
	counter := billing.NewCounter(s.cfg.Catalog, at, numbersMonths)
	var after billing.CustomerID
	for {
		page, last, err := s.cfg.Store.Billed(ctx, after, numbersPage)
		if err != nil {
			return Numbers{}, err
		}
		for _, one := range page {
			counter.Add(one.Subscriptions, one.Invoices)
		}
		if last == "" {
			break
		}
		after = last
	}
	n := Numbers{At: at}
	n.Currencies, n.Standings = counter.Numbers()
	s.numbers.last, s.numbers.wall = n, now
	return n, nil
}
