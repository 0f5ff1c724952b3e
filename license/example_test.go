package license_test

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/dues-billing/dues/license"
)

// An application ships with the seller's public key and opens an asset without asking anybody.
func Example() {
	seller := ed25519.NewKeyFromSeed([]byte("a secret of exactly 32 bytes ..!"))
	file, err := license.Sign(seller, license.License{
		Account:  "ada",
		Asset:    "handbook",
		StartsAt: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
		EndsAt:   time.Date(2026, 2, 15, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	keys := license.NewKeys(seller.Public().(ed25519.PublicKey))
	held, err := keys.Verify(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(held.Account, "holds", held.Asset)
	fmt.Println(held.Check(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)))
	fmt.Println(held.Check(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
	// Output:
	// ada holds handbook
	// <nil>
	// license: the licence has ended: it was valid until 2026-02-15
}
