package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/dues-billing/dues/service"
)

// Config is what the API needs. Service, Clock and Log are required.
type Config struct {
	Service *service.Service
	Clock   service.Clock
	Log     *slog.Logger
	// ServerKeys are the keys of the app's own servers; only their hashes are kept. None: /v1/accounts refuses everybody.
	ServerKeys []string
	// OperatorKeys are the keys of who runs Dues: they see and retry what is queued of every account. None: /v1/events and /v1/effects
	// refuse everybody. A key is either a server's or an operator's.
	OperatorKeys []string
	// JWT says how end users prove who they are. The zero value refuses them all.
	JWT JWT
	// Limits bound how much one caller may ask; the zero value is the defaults.
	Limits Limits
	// Version is named in the OpenAPI document.
	Version string
	// Answered is told of every answer, by the route's pattern; nil tells nobody.
	Answered func(route string, status int, took time.Duration)
	// Tracer shows requests as spans; nil shows none.
	Tracer service.Tracer
}

const (
	keyBytesMin  = 16      // shorter keys can be guessed
	bodyBytesMax = 1 << 20 // of a request; Stripe's largest events stay below
)

func (c Config) check() error {
	if c.Service == nil || c.Log == nil || c.Clock.Wall == nil || c.Clock.Business == nil {
		return errors.New("httpapi: Service, Clock and Log are required")
	}
	for i, key := range c.ServerKeys {
		if len(key) < keyBytesMin {
			return fmt.Errorf("httpapi: server key %d is shorter than %d characters", i+1, keyBytesMin)
		}
	}
	for i, key := range slices.Concat(c.ServerKeys, c.OperatorKeys) {
		if service.IsKey(key) {
			return fmt.Errorf("httpapi: key %d of the configuration is one that dues keys made: those need not be configured", i+1)
		}
	}
	for i, key := range c.OperatorKeys {
		if len(key) < keyBytesMin {
			return fmt.Errorf("httpapi: operator key %d is shorter than %d characters", i+1, keyBytesMin)
		}
		if slices.Contains(c.ServerKeys, key) {
			return fmt.Errorf("httpapi: operator key %d is a server key, too: give operators one of their own", i+1)
		}
	}
	return nil
}
