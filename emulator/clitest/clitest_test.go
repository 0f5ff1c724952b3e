// Package clitest runs Stripe's official command line program against the emulator.
package clitest

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire/schematest"
	"github.com/dues-billing/dues/internal/testenv"
)

// cli is the official program, with a home of its own and an emulator to talk to.
type cli struct {
	t      *testing.T
	path   string
	server *emulator.Server
	key    string
	env    []string // beside what every command gets
}

func newCLI(t *testing.T, options ...func(*emulator.Options)) *cli {
	t.Helper()
	path := testenv.StripeCLI(t)
	server := emulator.Start(t, options...)
	return &cli{t: t, path: path, server: server, key: "sk_test_commandline"}
}

// checked validates every answer against Stripe's schema.
func checked(t *testing.T) func(*emulator.Options) {
	return func(o *emulator.Options) {
		o.Wrap = func(h http.Handler) http.Handler { return schematest.Handler(t, h) }
	}
}

// commandMost ends a command that waits for what never comes.
const commandMost = 2 * time.Minute

func (c *cli) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(c.t.Context(), commandMost)
	c.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, c.path, append(args, "--api-base", c.server.URL)...)
	const nowhere = "http://127.0.0.1:9" // the look for a newer version fails at once; loopback needs no proxy
	cmd.Env = []string{
		"HOME=" + c.t.TempDir(), "STRIPE_API_KEY=" + c.key, "STRIPE_CLI_TELEMETRY_OPTOUT=1", "STRIPE_DEVICE_NAME=clitest",
		"HTTPS_PROXY=" + nowhere, "HTTP_PROXY=" + nowhere,
	}
	cmd.Env = append(cmd.Env, c.env...)
	return cmd
}

// run runs a command to its end and returns what it printed.
func (c *cli) run(args ...string) string {
	c.t.Helper()
	cmd := c.command(args...)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("stripe %s: %v\n%s\n%s", strings.Join(args, " "), err, out, errors.String())
	}
	return string(out)
}

// object runs a command that prints a JSON object.
func (c *cli) object(args ...string) map[string]any {
	c.t.Helper()
	out := c.run(args...)
	var fields map[string]any
	if err := json.Unmarshal([]byte(out[max(0, strings.IndexByte(out, '{')):]), &fields); err != nil {
		c.t.Fatalf("stripe %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return fields
}

// events are the types of all events of a world, when its clocks have arrived where they were sent.
func (c *cli) events() map[string]bool {
	types := map[string]bool{}
	var clocks []any
	c.server.World(c.key).Read(func(w *engine.World, _ int64) {
		if all, err := w.Query(engine.ListTestClocks{}); err == nil {
			clocks = all.Data
		}
	})
	for _, clock := range clocks { // the server finishes an advance in the background; whoever comes first does it
		_, _ = c.server.World(c.key).Apply(&engine.FinishAdvance{Clock: clock.(*engine.TestClock).ID})
	}
	c.server.World(c.key).Read(func(w *engine.World, _ int64) {
		for _, event := range w.EventsSince(0) {
			types[event.Type] = true
		}
	})
	return types
}

// Rows: D8.
func TestResourceCommandsWorkOnTheEmulator(t *testing.T) {
	t.Parallel()
	c := newCLI(t, checked(t))
	made := c.object("customers", "create", "--email", "ada@example.com", "-d", "metadata[team]=blue")
	id, _ := made["id"].(string)
	if made["email"] != "ada@example.com" {
		t.Errorf("created %v", made)
	}
	c.object("customers", "update", id, "--name", "Ada")
	if read := c.object("get", "/v1/customers/"+id); read["name"] != "Ada" {
		t.Errorf("read name %v, want Ada", read["name"])
	}
	product := c.object("products", "create", "--name", "Plan")
	productID, _ := product["id"].(string)
	price := c.object("post", "/v1/prices", "-d", "product="+productID, "-d", "currency=usd", "-d", "unit_amount=1500", "-d", "recurring[interval]=month")
	priceID, _ := price["id"].(string)
	c.object("payment_methods", "attach", "pm_card_visa", "--customer", id)
	methods := c.object("payment_methods", "list", "--customer", id)
	data, _ := methods["data"].([]any)
	if len(data) != 1 {
		t.Fatalf("%d payment methods, want 1", len(data))
	}
	method, _ := data[0].(map[string]any)["id"].(string)
	sub := c.object("subscriptions", "create", "--customer", id, "-d", "items[0][price]="+priceID, "--default-payment-method", method)
	if sub["status"] != "active" {
		t.Errorf("subscription is %v, want active", sub["status"])
	}
	subID, _ := sub["id"].(string)
	if ended := c.object("subscriptions", "cancel", subID, "--confirm"); ended["status"] != "canceled" {
		t.Errorf("subscription is %v, want canceled", ended["status"])
	}
	if gone := c.object("delete", "/v1/customers/"+id, "--confirm"); gone["deleted"] != true {
		t.Errorf("deleted %v", gone)
	}
}

func TestFixturesRunInOrder(t *testing.T) {
	t.Parallel()
	c := newCLI(t, checked(t))
	file := filepath.Join(t.TempDir(), "fixture.json")
	text := `{"_meta":{"template_version":0},"fixtures":[
		{"name":"customer","path":"/v1/customers","method":"post","params":{"email":"ada@example.com"}},
		{"name":"item","path":"/v1/invoiceitems","method":"post","params":{"customer":"${customer:id}","amount":700,"currency":"usd"}},
		{"name":"invoice","path":"/v1/invoices","method":"post","params":{"customer":"${customer:id}","pending_invoice_items_behavior":"include"}},
		{"name":"final","path":"/v1/invoices/${invoice:id}/finalize","method":"post"},
		{"name":"pay","path":"/v1/invoices/${invoice:id}/pay","method":"post","expected_error_type":"invalid_request_error"}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c.run("fixtures", file)
	if !c.events()["invoice.finalized"] {
		t.Error("the fixture did not finalize its invoice")
	}
}

// The CLI makes what an event needs by calls of its own; each trigger has a world to itself.
//
// Rows: C31.
func TestTriggersCauseTheirEvents(t *testing.T) {
	t.Parallel()
	for event, trigger := range triggers {
		if trigger.outside != "" {
			continue
		}
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			args := []string{"trigger", event}
			options := []func(*emulator.Options){checked(t)}
			if trigger.version != "" { // Stripe's schema is that of its newest version
				args, options = append(args, "--api-version", trigger.version), nil
			}
			if trigger.settings != nil {
				options = append(options, func(o *emulator.Options) {
					o.Settings = engine.DefaultSettings()
					trigger.settings(&o.Settings)
				})
			}
			c := newCLI(t, options...)
			if trigger.meters {
				c.env = meterHost(t, c.server.URL)
			}
			c.run(args...)
			if got, want := c.events(), cmp.Or(trigger.seen, event); !got[want] {
				t.Errorf("no %s among %v", want, got)
			}
		})
	}
}

// Rows: C31.
func TestEveryTriggerOfTheCLIIsAccountedFor(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for line := range strings.Lines(newCLI(t).run("trigger", "--help")) {
		if event, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "  "); ok && eventName.MatchString(event) {
			listed[event] = true
			if _, known := triggers[event]; !known {
				t.Errorf("the CLI triggers %s, and no test does", event)
			}
		}
	}
	for event := range triggers {
		if !listed[event] {
			t.Errorf("the CLI does not trigger %s any more", event)
		}
	}
}

var eventName = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`)
