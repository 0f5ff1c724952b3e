package emulator_test

import (
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/wire"
)

// twoEndpoints is a world whose wall clock stands still, with two endpoints that want the same events.
type twoEndpoints struct {
	*testing.T
	server *emulator.Server
	plain  plain
	hit    *receiver // the endpoint that rules may name
	other  *receiver
	hitID  string
}

func openTwoEndpoints(t *testing.T, seed string, events ...string) *twoEndpoints {
	t.Helper()
	server := start(t, still, func(o *emulator.Options) { o.Seed, o.BackOff = seed, []time.Duration{0} })
	w := &twoEndpoints{T: t, server: server, plain: plain{t, server, ""}, hit: newReceiver(t), other: newReceiver(t)}
	w.hitID = w.hit.register(t, server, events...).ID
	w.other.register(t, server, events...)
	return w
}

// rule sets the one rule of chaos: by the Go method, or as an operation of the control API.
func (w *twoEndpoints) rule(c wire.Chaos, overHTTP bool) {
	w.Helper()
	if c.Endpoint != "" {
		c.Endpoint = w.hitID
	}
	if !overHTTP {
		w.server.Chaos(c)
		return
	}
	form := url.Values{"kind": {c.Kind}, "percent": {fmt.Sprint(c.Percent)}, "types[]": c.Types}
	if c.Endpoint != "" {
		form.Set("webhook_endpoint", c.Endpoint)
	}
	if c.Seconds != 0 {
		form.Set("seconds", fmt.Sprint(c.Seconds))
	}
	told := w.plain.must("POST", api+"chaos", form)["chaos"].([]any)
	if len(told) != 1 || told[0].(map[string]any)["kind"] != c.Kind {
		w.Errorf("POST chaos told %v", told)
	}
}

// quiet waits until every delivery is over or rests until a later time of the world.
func (w *twoEndpoints) quiet() {
	w.Helper()
	for now := w.server.Now(); ; {
		if !slices.ContainsFunc(w.server.Deliveries(50), func(d wire.Delivery) bool {
			return d.State == wire.DeliveryPending && !d.NextTry.After(now)
		}) {
			return
		}
		if w.Context().Err() != nil {
			w.Fatal("deliveries go on")
		}
		runtime.Gosched()
	}
}

// make makes a customer (c) or a product (p) for each letter, one after the other.
func (w *twoEndpoints) make(letters string) {
	w.Helper()
	for _, letter := range letters {
		w.plain.must("POST", map[rune]string{'c': "/v1/customers", 'p': "/v1/products"}[letter], url.Values{"name": {"a"}})
		w.quiet()
	}
}

// letters are the types that came to an endpoint since it was last asked.
func (r *receiver) letters() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out strings.Builder
	for _, e := range r.events {
		out.WriteByte(e.Type[0])
	}
	r.events = nil
	return out.String()
}

func TestEverySwitchOfChaosGoesByTypeAndByEndpoint(t *testing.T) {
	t.Parallel()
	const story = "cpcpc"
	products, hour := []string{"product.*"}, int64(3600)
	for name, c := range map[string]struct {
		rule               wire.Chaos
		hit, other         string // what came
		hitLate, otherLate string // what came an hour later
	}{
		"drop by type":                       {wire.Chaos{Kind: wire.ChaosDrop, Types: products}, "ccc", "ccc", "", ""},
		"drop by endpoint":                   {wire.Chaos{Kind: wire.ChaosDrop, Endpoint: "hit"}, "", story, "", ""},
		"drop by type and endpoint":          {wire.Chaos{Kind: wire.ChaosDrop, Types: []string{"customer.created"}, Endpoint: "hit"}, "pp", story, "", ""},
		"duplicate by type":                  {wire.Chaos{Kind: wire.ChaosDuplicate, Types: products}, "cppcppc", "cppcppc", "", ""},
		"duplicate by endpoint":              {wire.Chaos{Kind: wire.ChaosDuplicate, Endpoint: "hit"}, "ccppccppcc", story, "", ""},
		"duplicate by type and endpoint":     {wire.Chaos{Kind: wire.ChaosDuplicate, Types: products, Endpoint: "hit"}, "cppcppc", story, "", ""},
		"lost response by type":              {wire.Chaos{Kind: wire.ChaosLostResponse, Types: products}, "cppcppc", "cppcppc", "", ""},
		"lost response by endpoint":          {wire.Chaos{Kind: wire.ChaosLostResponse, Endpoint: "hit"}, "ccppccppcc", story, "", ""},
		"lost response by type and endpoint": {wire.Chaos{Kind: wire.ChaosLostResponse, Types: products, Endpoint: "hit"}, "cppcppc", story, "", ""},
		"delay by type":                      {wire.Chaos{Kind: wire.ChaosDelay, Seconds: hour, Types: products}, "ccc", "ccc", "pp", "pp"},
		"delay by endpoint":                  {wire.Chaos{Kind: wire.ChaosDelay, Seconds: hour, Endpoint: "hit"}, "", story, story, ""},
		"delay by type and endpoint":         {wire.Chaos{Kind: wire.ChaosDelay, Seconds: hour, Types: products, Endpoint: "hit"}, "ccc", story, "pp", ""},
	} {
		c.rule.Percent = 100
		for way, overHTTP := range map[string]bool{"Go": false, "HTTP": true} {
			if overHTTP && !strings.HasSuffix(name, "type and endpoint") {
				continue // the others go the same way
			}
			t.Run(name+" over "+way, func(t *testing.T) {
				t.Parallel()
				w := openTwoEndpoints(t, "", "customer.created", "product.created")
				w.rule(c.rule, overHTTP)
				w.make(story)
				if hit, other := w.hit.letters(), w.other.letters(); hit != c.hit || other != c.other {
					t.Errorf("came %q and %q, want %q and %q", hit, other, c.hit, c.other)
				}
				w.server.MoveTime(time.Duration(hour-1) * time.Second)
				w.quiet()
				if early := w.hit.letters() + w.other.letters(); early != "" {
					t.Errorf("before the hour is over came %q", early)
				}
				w.server.MoveTime(time.Second)
				w.quiet()
				if hit, other := w.hit.letters(), w.other.letters(); hit != c.hitLate || other != c.otherLate {
					t.Errorf("after the hour came %q and %q, want %q and %q", hit, other, c.hitLate, c.otherLate)
				}
				if w.plain.must("DELETE", api+"chaos", nil); len(w.plain.must("GET", api+"chaos", nil)["chaos"].([]any)) != 0 {
					t.Error("DELETE chaos left a rule")
				}
				if w.make(story); w.hit.letters() != story || w.other.letters() != story {
					t.Error("the chaos went on after its end")
				}
				if wrong := append(w.hit.mistakes(), w.other.mistakes()...); len(wrong) > 0 {
					t.Error(wrong)
				}
			})
		}
	}
}

// Shuffled events change places among themselves: those of other types, and those to another endpoint, keep theirs.
func TestShuffleGoesByTypeAndByEndpoint(t *testing.T) {
	t.Parallel()
	run := func(overHTTP bool) (hit, other []string) {
		w := openTwoEndpoints(t, "", "*")
		w.rule(wire.Chaos{Kind: wire.ChaosShuffle, Percent: 100, Types: []string{"invoice.*", "payment_intent.*"}, Endpoint: "hit"}, overHTTP)
		seededShop(t, w.server)
		w.quiet()
		types := func(r *receiver) (out []string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, e := range r.events {
				out = append(out, string(e.Type))
			}
			return out
		}
		return types(w.hit), types(w.other)
	}
	hit, other := run(false)
	if slices.Equal(hit, other) || !slices.Equal(slices.Sorted(slices.Values(hit)), slices.Sorted(slices.Values(other))) {
		t.Errorf("the same events in another order should come; came %v, in order %v", hit, other)
	}
	for i := range min(len(hit), len(other)) {
		named := strings.HasPrefix(other[i], "invoice.") || strings.HasPrefix(other[i], "payment_intent.")
		if !named && hit[i] != other[i] {
			t.Errorf("%s is not shuffled, and in its place came %s", other[i], hit[i])
		}
	}
	if again, calm := run(true); !slices.Equal(again, hit) || !slices.Equal(calm, other) {
		t.Errorf("the same seed shuffled otherwise over HTTP: %v, not %v", again, hit)
	}
}

// Half of the deliveries are hit, and it is always the same half: that of the seed.
func TestTheSeedSaysWhomEachSwitchHits(t *testing.T) {
	t.Parallel()
	const story = "cpcccppcpcpcccpc"
	for _, rule := range []wire.Chaos{
		{Kind: wire.ChaosDrop}, {Kind: wire.ChaosDuplicate}, {Kind: wire.ChaosLostResponse}, {Kind: wire.ChaosDelay, Seconds: 60},
	} {
		rule.Percent = 50
		t.Run(rule.Kind, func(t *testing.T) {
			t.Parallel()
			run := func(seed string, overHTTP bool) string {
				w := openTwoEndpoints(t, seed, "customer.created", "product.created")
				w.rule(rule, overHTTP)
				w.make(story)
				hit, other := w.hit.letters(), w.other.letters()
				if hit == story || len(hit) == 0 || len(hit) == 2*len(story) {
					t.Errorf("half should be hit; came %q of %q", hit, story)
				}
				return hit + " and " + other
			}
			first := run("", false)
			if second := run("", true); second != first {
				t.Errorf("the same seed hit others: came %s, then %s", first, second)
			}
			if another := run("another", false); another == first {
				t.Errorf("another seed hit the same: %s", first)
			}
		})
	}
}
