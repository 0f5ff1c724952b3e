package dashboard

import (
	"net/http"
	"strconv"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// accountCard is one account in the list.
type accountCard struct {
	Name, Key, Path string
	Now             time.Time
	Customers       string // how many, "100+" when there are more than one list holds
	Events          int64
}

func (s *site) accounts(w http.ResponseWriter, r *http.Request) error {
	var cards []accountCard
	for _, world := range s.host.Worlds() {
		world.Read(func(eng *engine.World, now int64) {
			cards = append(cards, accountCard{
				Name: eng.Settings().AccountName, Key: world.Key(), Path: Path(eng.AccountID()),
				Now: moment(now), Events: eng.LastEventSeq(), Customers: customerCount(eng),
			})
		})
	}
	design.Serve(w, r, http.StatusOK, accountsPage(cards))
	return nil
}

// customerCount is how many customers the account has outside of test clocks, as
// far as one list tells.
func customerCount(w *engine.World) string {
	listing, err := w.Query(engine.ListCustomers{Page: engine.WholePage})
	if err != nil {
		return ""
	}
	count := strconv.Itoa(len(listing.Data))
	if listing.HasMore {
		count += "+"
	}
	return count
}
