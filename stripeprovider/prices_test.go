package stripeprovider_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/stripeprovider"
)

// Of two processes that began at once where no prices were, one looked for them before the other made them and again after it: it had nothing to make,
// and took "" for their ids as long as it lived.
func TestPricesThatAnotherProcessMakesMeanwhileAreFound(t *testing.T) {
	t.Parallel()
	sold := catalog.Default()
	server := emulator.Start(t)
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	other := stripeprovider.New(stripeprovider.Config{Key: server.Key, BaseURL: server.URL})
	forward := httputil.NewSingleHostReverseProxy(to)
	var once sync.Once
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/v1/products" {
			once.Do(func() {
				if _, err := other.EnsurePrices(t.Context(), sold); err != nil {
					t.Error(err)
				}
			})
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(between.Close)
	ids, err := stripeprovider.New(stripeprovider.Config{Key: server.Key, BaseURL: between.URL}).EnsurePrices(t.Context(), sold)
	if err != nil {
		t.Fatal(err)
	}
	want, err := other.EnsurePrices(t.Context(), sold)
	if err != nil || len(want) == 0 {
		t.Fatalf("%v, %v", want, err)
	}
	for key, id := range want {
		if ids[key] != id || id == "" {
			t.Errorf("price %s is %q here and %q there", key, ids[key], id)
		}
	}
}

// Of two processes that made the same price at once, one was told that the other was at it, and its checkout was answered 503.
func TestManyWhoMakeThePricesAtOnceAllHaveThem(t *testing.T) {
	t.Parallel()
	sold := catalog.Default()
	server := emulator.Start(t)
	ids := make([]map[string]billing.PriceID, 20)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			var err error
			if ids[i], err = stripeprovider.New(stripeprovider.Config{Key: server.Key, BaseURL: server.URL}).EnsurePrices(t.Context(), sold); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	all.Wait()
	for i := range ids {
		if len(ids[0]) == 0 || !maps.Equal(ids[i], ids[0]) {
			t.Errorf("process %d has the prices %v, and the first %v", i, ids[i], ids[0])
		}
	}
}
