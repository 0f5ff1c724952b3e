package docs_test

import (
	"bytes"
	"crypto/ed25519"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// The examples of a page are run as they stand there, one after the other, in one shell, against a Dues and a Stripe of their own: whoever
// copies them gets what the page says. Where their account is not simply a subscriber of premium-monthly, or the page leaves an id to the
// reader as a variable, it is said here.
var pages = map[string]func(w *world) (variables map[string]string){
	"../README.md":         func(w *world) map[string]string { return w.signUp("ada") },
	"access.md":            (*world).granted,
	"auth.md":              (*world).keys,
	"deleting-accounts.md": func(w *world) map[string]string { w.signUp("bob"); return w.subscribed() },
	"invoices.md":          (*world).invoiced,
	"payment-methods.md":   (*world).cards,
	"purchases.md":         (*world).sold,
	"quickstart.md":        func(*world) map[string]string { return nil },
	"trials.md":            func(w *world) map[string]string { return w.buy("pro-monthly") },
	"catalog.md":           func(w *world) map[string]string { return w.signUp("ada") },
}

func TestTheExamplesOfTheDocumentsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	all, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(all, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if script := examples(string(text)); script != "" {
			t.Run(filepath.Base(page), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				given := pages[page]
				if given == nil {
					given = (*world).subscribed
				}
				w.run(script, given(w))
			})
		}
	}
}

// examples are the lines of all blocks that call curl. What starts a program is left out, for here everything runs already; the line with
// which an answer begins becomes what is expected of the call before it.
func examples(page string) string {
	var script strings.Builder
	for i, part := range strings.Split(page, "\n```") {
		language, block, _ := strings.Cut(part, "\n")
		if i%2 == 0 || (language != "" && language != "sh") || !strings.Contains(block, "curl ") {
			continue
		}
		for line := range strings.Lines(block + "\n") {
			switch word, _, _ := strings.Cut(line, " "); {
			case word == "dues", word == "stripe", strings.HasPrefix(line, "export DUES_"):
			case strings.HasPrefix(line, "{"):
				script.WriteString("expect '" + strings.TrimSpace(line) + "'\n")
			default:
				script.WriteString(line)
			}
		}
	}
	return script.String()
}

// prelude makes curl fail for what is not answered with a status of 2xx, and keeps the answer.
const prelude = `set -eu
curl() { command curl --silent --show-error --fail-with-body --max-time 60 "$@" >"$ANSWER" || { echo "curl $*"; cat "$ANSWER"; return 1; }; cat "$ANSWER"; }
expect() { [ "$(cat "$ANSWER")" = "$1" ] || { echo "answered $(cat "$ANSWER")"; echo "the page says $1"; return 1; }; }
`

const (
	serverKey   = "sk_dues_0123456789abcdef"
	operatorKey = "ok_dues_0123456789abcdef"
)

// world is a Dues and its Stripe, in which ada is a customer.
type world struct {
	t      *testing.T
	url    string
	stripe *emulator.Server
	dues   *dues.Service
}

// start is when everything happens.
var start = time.Date(2026, time.December, 1, 10, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	now := func() time.Time { return start }
	text, err := os.ReadFile("testdata/catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sold, err := catalog.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	stripeServer := emulator.Start(t, func(o *emulator.Options) { o.Now = now })
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String()
	svc, err := dues.Open(t.Context(), dues.Config{
		Stripe:   dues.Stripe{Key: stripeServer.Key, BaseURL: stripeServer.URL},
		Database: "sqlite:" + filepath.Join(t.TempDir(), "dues.db"), Catalog: sold, PublicURL: url, ReturnHosts: []string{"app.example.com", "127.0.0.1:*"},
		ProviderAccounts: []dues.ProviderAccount{{Name: "test", Stripe: dues.Stripe{Key: "sk_test_elsewhere", BaseURL: stripeServer.URL}}},
		Licenses:         service.LicenseSigning{Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))},
		ServerKeys:       []string{serverKey}, OperatorKeys: []string{operatorKey}, Clock: service.Clock{Business: now, Wall: now},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = svc.Handler()
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t, url, stripeServer, svc}
}

// run runs a page's examples.
func (w *world) run(script string, variables map[string]string) {
	w.t.Helper()
	script = strings.NewReplacer(
		"http://127.0.0.1:12111", w.stripe.URL, "http://127.0.0.1:8080", w.url, "http://localhost:8080", w.url, "https://billing.example.com", w.url,
		"KEY=…", "KEY="+operatorKey,
	).Replace(script)
	shell := exec.CommandContext(w.t.Context(), "bash", "-c", prelude+script)
	shell.Env = append(shell.Environ(), "ANSWER="+filepath.Join(w.t.TempDir(), "answer"), "DUES="+w.url, "KEY="+serverKey, "DUES_SERVER_KEY="+serverKey)
	for name, value := range variables {
		shell.Env = append(shell.Env, name+"="+value)
	}
	if out, err := shell.CombinedOutput(); err != nil {
		w.t.Errorf("%v\n%s", err, bytes.TrimSpace(out))
	}
}

// signUp makes an account with a saved card.
func (w *world) signUp(id billing.AccountID) map[string]string {
	w.t.Helper()
	account, _, err := w.dues.CreateAccount(w.t.Context(), service.NewAccount{ID: id, Email: string(id) + "@example.com"})
	w.must(err)
	card := w.saveCard(account.Customer)
	_, err = w.stripe.Client().V1Customers.Update(w.t.Context(), string(account.Customer), &stripe.CustomerUpdateParams{
		InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String(card)},
	})
	w.must(err)
	w.must(w.dues.Sync(w.t.Context(), account.Customer))
	return nil
}

func (w *world) saveCard(customer billing.CustomerID) string {
	w.t.Helper()
	card, err := w.stripe.Client().V1PaymentMethods.Attach(w.t.Context(), "pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: stripe.String(string(customer))})
	w.must(err)
	return card.ID
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) buy(price string) map[string]string {
	w.t.Helper()
	w.signUp("ada")
	result, err := w.dues.Upgrade(w.t.Context(), "ada", service.Upgrade{
		PriceKey: price, SuccessURL: "https://app.example.com/thanks", CancelURL: "https://app.example.com/pricing",
	})
	if err != nil || !result.Changed {
		w.t.Fatalf("buying %s: %+v, %v", price, result, err)
	}
	return nil
}

func (w *world) subscribed() map[string]string { return w.buy("premium-monthly") }

func (w *world) customer() billing.CustomerID {
	w.t.Helper()
	account, err := w.dues.Account(w.t.Context(), "ada")
	w.must(err)
	return account.Customer
}

// granted leaves a reader the id of a grant.
func (w *world) granted() map[string]string {
	w.t.Helper()
	w.signUp("ada")
	made, err := w.dues.Grant(w.t.Context(), "ada", billing.Grant{Feature: "export"})
	w.must(err)
	return map[string]string{"grant": string(made.ID)}
}

func (w *world) keys() map[string]string {
	w.t.Helper()
	w.subscribed()
	variables := map[string]string{}
	for name, scope := range map[string]billing.Scope{"ADMIN": billing.Admin, "AUDITOR": billing.AuditRead} {
		made, err := w.dues.CreateKey(w.t.Context(), service.NewKey{Name: name, Scopes: []billing.Scope{scope}})
		w.must(err)
		variables[name] = made.Secret
	}
	made, err := w.dues.CreateKey(w.t.Context(), service.NewKey{Name: "web", Scopes: []billing.Scope{billing.UsageWrite}})
	w.must(err)
	variables["id"] = string(made.ID)
	return variables
}

// invoiced leaves a reader invoices that are not paid, drafts, and a line that waits for the next one.
func (w *world) invoiced() map[string]string {
	w.t.Helper()
	w.subscribed()
	ctx, client, customer := w.t.Context(), w.stripe.Client(), stripe.String(string(w.customer()))
	addLine := func() string {
		line, err := client.V1InvoiceItems.Create(ctx, &stripe.InvoiceItemCreateParams{Customer: customer, Amount: stripe.Int64(900), Currency: stripe.String("eur")})
		w.must(err)
		return line.ID
	}
	addLine()
	invoice, err := client.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{
		Customer: customer, AutoAdvance: stripe.Bool(false), PendingInvoiceItemsBehavior: stripe.String("include"),
	})
	w.must(err)
	_, err = client.V1Invoices.FinalizeInvoice(ctx, invoice.ID, &stripe.InvoiceFinalizeInvoiceParams{AutoAdvance: stripe.Bool(false)})
	w.must(err)
	variables := map[string]string{"invoice": invoice.ID}
	for _, name := range []string{"draft", "mistake", "unpaid", "slip", "renewal"} {
		line := billing.LineWish{Unit: money.New(900, "eur"), Quantity: 1, Description: "A workshop"}
		made, err := w.dues.MakeInvoice(ctx, "ada", billing.InvoiceWish{Lines: []billing.LineWish{line}, Key: name})
		w.must(err)
		variables[name] = string(made.ID)
	}
	for _, name := range []string{"mistake", "unpaid"} {
		_, err = client.V1Invoices.FinalizeInvoice(ctx, variables[name], nil)
		w.must(err)
	}
	w.must(w.dues.Sync(ctx, w.customer()))
	variables["line"] = addLine()
	return variables
}

// cards leaves a reader two saved ones.
func (w *world) cards() map[string]string {
	w.t.Helper()
	w.subscribed()
	card, other := w.saveCard(w.customer()), w.saveCard(w.customer())
	w.must(w.dues.Sync(w.t.Context(), w.customer()))
	return map[string]string{"card": card, "other": other}
}

// sold leaves a reader the token of what a guest has paid, and a purchase that is not paid.
func (w *world) sold() map[string]string {
	w.t.Helper()
	w.signUp("ada")
	guest := service.Buy{PriceKey: "course", SuccessURL: "https://app.example.com/thanks", CancelURL: "https://app.example.com/course"}
	page, err := w.dues.SellToGuest(w.t.Context(), guest)
	w.must(err)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.PostForm(page.URL, url.Values{
		"cardNumber": {"4242424242424242"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "email": {"ada@example.com"},
	})
	w.must(err)
	_ = answer.Body.Close()
	back, err := answer.Location()
	w.must(err)
	waiting, err := w.dues.Buy(w.t.Context(), "ada", guest)
	w.must(err)
	return map[string]string{"claim": back.Query().Get("claim"), "purchase": string(waiting.ID)}
}

func TestTheEmulatorsPageSaysHowToUseStripesOwnLibraries(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	packages, err := filepath.Abs("../emulator/nodetest/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ language, file, program string }{{"go", "main.go", "go"}, {"js", "main.mjs", ""}} {
		t.Run(c.language, func(t *testing.T) {
			t.Parallel()
			server := emulator.Start(t)
			_, code, _ := strings.Cut(string(text), "\n```"+c.language+"\n")
			code, _, found := strings.Cut(code, "\n```")
			if !found {
				t.Fatal("there is no example")
			}
			_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
			folder := t.TempDir()
			file := filepath.Join(folder, c.file)
			if err := os.WriteFile(file, []byte(strings.ReplaceAll(code, "12111", port)+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			run := exec.CommandContext(t.Context(), "go", "run", file)
			if c.language == "js" {
				if err := os.Symlink(packages, filepath.Join(folder, "node_modules")); err != nil {
					t.Fatal(err)
				}
				run = exec.CommandContext(t.Context(), testenv.Node(t), file)
			}
			var faults bytes.Buffer
			run.Stderr = &faults
			if out, err := run.Output(); err != nil || string(out) != "active\n" {
				t.Errorf("it printed %q, %v\n%s", out, err, faults.String())
			}
		})
	}
}
