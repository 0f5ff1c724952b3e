package stripeprovider_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

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
