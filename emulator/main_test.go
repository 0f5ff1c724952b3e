package emulator_test

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/wire/schematest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs an emulator whose every answer is held against Stripe's schema.
func start(t *testing.T, options ...func(*emulator.Options)) *emulator.Server {
	t.Helper()
	watch := func(o *emulator.Options) {
		o.Wrap = func(h http.Handler) http.Handler { return schematest.Handler(t, h) }
	}
	return emulator.Start(t, append(options, watch)...)
}
