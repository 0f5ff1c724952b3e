package sim

import (
	"flag"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dues-billing/dues/internal/testenv"
)

var (
	oneSeed = flag.Uint64("seed", 0, "the one story to live through, told as it happens; 0 lives through many")
	seeds   = flag.Int("seeds", 2000, "how many stories to live through on SQLite")
	first   = flag.Uint64("first", 1, "the seed of the first of them")
	steps   = flag.Int("steps", 3, "how long a story is at most")
)

const (
	// shards are how many stories run beside one another at most.
	shards = 16
	// seedsOnPostgres is how many stories are lived through on PostgreSQL, where making a database takes longer than a story.
	seedsOnPostgres = 20
)

// Rows: C20 C24 C26 C27 C28.
// Features: 64 65 73.
func TestWhateverHappensEverybodyEndsUpAsTheProviderSays(t *testing.T) {
	t.Parallel()
	template := migrated(t)
	if *oneSeed != 0 {
		w := live(t, *oneSeed, fresh(t, template))
		t.Logf("seed %d:\n%s", *oneSeed, strings.Join(w.told, "\n"))
		return
	}
	for shard := range shards {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for i := shard; i < *seeds && !t.Failed(); i += shards {
				live(t, *first+uint64(i), fresh(t, template))
			}
		})
	}
}

// live lives through one story, and judges it.
func live(t *testing.T, seed uint64, database string) (w *world) {
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, seed, database)
		defer w.close()
		w.start("one")
		w.start("two")
		w.signUp()
		if w.rand.IntN(16) == 0 { // a renewal is rare in a short story that begins without a plan
			w.buyWith("premium-monthly", cards[0])
			w.let(31 * day)
		}
		for range 1 + w.rand.IntN(max(1, *steps)) {
			w.step()
			w.watchAccess()
		}
		w.settle()
		w.judgeAll()
	})
	return w
}

func TestStoriesOnPostgresEndTheSame(t *testing.T) {
	t.Parallel()
	for _, db := range testenv.Databases(t) {
		if db.Name != "postgres" {
			continue
		}
		for i := range seedsOnPostgres {
			url := db.URL(t)
			migrate(t, url)
			live(t, *first+uint64(i), url)
		}
	}
}
