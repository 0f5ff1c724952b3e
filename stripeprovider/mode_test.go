package stripeprovider_test

import (
	"fmt"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/stripeprovider"
)

func TestAnEventOfAnotherModeThanTheKeysIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key   string
		live  bool
		taken bool
	}{
		{"sk_test_1", false, true}, {"rk_test_1", false, true}, {"sk_live_1", true, true}, {"rk_live_1", true, true},
		{"sk_test_1", true, false}, {"rk_test_1", true, false}, {"sk_live_1", false, false}, {"rk_live_1", false, false},
		{"mine", true, true}, {"mine", false, true}, // another Stripe's key says nothing
	} {
		client := stripeprovider.New(stripeprovider.Config{Key: c.key, Secrets: []string{"whsec_1"}})
		body := fmt.Sprintf(`{"id":"evt_1","object":"event","type":"customer.updated","created":1798970400,"livemode":%v,"data":{"object":{"id":"cus_1","object":"customer"}}}`, c.live)
		_, err := client.Open(header(signed("whsec_1", body)), []byte(body), signedAt)
		if c.taken && err != nil || !c.taken && billing.CodeOf(err) != billing.Invalid {
			t.Errorf("key %s, event of live mode %v: %v; want it taken: %v", c.key, c.live, err, c.taken)
		}
	}
}
