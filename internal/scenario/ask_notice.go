package scenario

import (
	"context"
	"strings"
	"sync"

	"github.com/dues-billing/dues/webhook"
)

// told are the types of notices that the application got about each account, and has not been asked for yet.
type told struct {
	mu    sync.Mutex
	types map[string][]string
}

func (t *told) take(_ context.Context, n webhook.Notice) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.types == nil {
		t.types = map[string][]string{}
	}
	t.types[n.Data.Account] = append(t.types[n.Data.Account], n.Type)
	return nil
}

// noticeLooks are what the application was told.
var noticeLooks = []look{
	{form{"told", "WHO WORD…"}, func(_ context.Context, d *whole, a args) error {
		d.told.mu.Lock()
		defer d.told.mu.Unlock()
		got := strings.Join(d.told.types[a["WHO"]], " ")
		if got == "" {
			got = "none"
		}
		err := same("notices", a["WORD…"], got)
		if err == nil {
			delete(d.told.types, a["WHO"])
		}
		return err
	}},
}
