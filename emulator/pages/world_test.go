package pages

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// testAt is the wall time of all tests: 5 December 2026, 12:00 UTC.
var testAt = time.Date(2026, time.December, 5, 12, 0, 0, 0, time.UTC).Unix()

// bench is a browser in front of the pages of one real world.
type bench struct {
	t   *testing.T
	mux *http.ServeMux

	mu  sync.Mutex
	eng *engine.World
}

func newBench(t *testing.T) *bench {
	t.Helper()
	settings := engine.DefaultSettings()
	settings.AccountName = "Northwind"
	settings.BaseURL = "http://127.0.0.1"
	b := &bench{t: t, mux: http.NewServeMux(), eng: engine.New(t.Name(), settings)}
	// What the emulator serves beside the pages: their patterns must not collide.
	b.mux.Handle("/", http.NotFoundHandler())
	b.mux.Handle("/_emulator/api/", http.NotFoundHandler())
	Register(b.mux, b)
	return b
}

// Worlds implements Host, by the one world there is.
func (b *bench) Worlds() []World { return []World{b} }

// Read implements World.
func (b *bench) Read(f func(w *engine.World, now int64)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b.eng, b.eng.Now(testAt))
}

// Apply implements World.
func (b *bench) Apply(cmd engine.Command) (engine.Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.eng.Apply(cmd, engine.Request{}, testAt)
}

// do applies a command that must work.
func do[T any](b *bench, cmd engine.Command) *T {
	b.t.Helper()
	result, err := b.Apply(cmd)
	if err != nil {
		b.t.Fatalf("%T: %v", cmd, err)
	}
	object, ok := result.(*T)
	if !ok {
		b.t.Fatalf("%T answered %T", cmd, result)
	}
	return object
}

// see reads an object that must exist.
func see[T any](b *bench, id string) *T {
	b.t.Helper()
	object, ok := engine.Get[T](b.eng, id)
	if !ok {
		b.t.Fatalf("no %q", id)
	}
	return object
}

// shown is an answer: its status, where it leads, and its text.
type shown struct {
	t        *testing.T
	status   int
	location string
	html     string
	header   http.Header
}

func (b *bench) get(path string) shown { return b.ask(httptest.NewRequest(http.MethodGet, path, nil)) }

// post sends a form: pairs of names and values.
func (b *bench) post(path string, pairs ...string) shown { return b.ask(formRequest(path, pairs...)) }

func formRequest(path string, pairs ...string) *http.Request {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (b *bench) ask(r *http.Request) shown {
	b.t.Helper()
	rec := httptest.NewRecorder()
	b.mux.ServeHTTP(rec, r)
	body, err := io.ReadAll(rec.Result().Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return shown{b.t, rec.Code, rec.Header().Get("Location"), string(body), rec.Header()}
}

// leads checks that the answer is a redirect to there, and returns its target.
func (s shown) leads(there string) string {
	s.t.Helper()
	if s.status != http.StatusSeeOther || !strings.HasPrefix(s.location, there) {
		s.t.Fatalf("got %d to %q, want 303 to %q\n%s", s.status, s.location, there, s.text())
	}
	return s.location
}

// says checks the status and that the page says all of the words.
func (s shown) says(status int, words ...string) shown {
	s.t.Helper()
	if s.status != status {
		s.t.Fatalf("got status %d to %q, want %d\n%s", s.status, s.location, status, s.text())
	}
	for _, word := range words {
		if !strings.Contains(s.text(), word) {
			s.t.Fatalf("the page does not say %q:\n%s", word, s.text())
		}
	}
	return s
}

// hides checks that the page does not say the words.
func (s shown) hides(words ...string) {
	s.t.Helper()
	for _, word := range words {
		if strings.Contains(s.text(), word) {
			s.t.Fatalf("the page says %q:\n%s", word, s.text())
		}
	}
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// text is what a reader sees, without the markup.
func (s shown) text() string {
	text := strings.NewReplacer("&#39;", "'", "&amp;", "&", "&#34;", `"`, "\u00a0", " ").Replace(tags.ReplaceAllString(s.html, " "))
	return spaces.ReplaceAllString(text, " ")
}

// beside checks that the error text stands at the named field, tied to it for
// screen readers.
func (s shown) beside(field, text string) shown {
	s.t.Helper()
	input := regexp.MustCompile(`<input[^>]*\sid="` + field + `"[^>]*>`).FindString(s.html)
	if !strings.Contains(input, `aria-invalid="true"`) || !strings.Contains(input, `aria-describedby="`+field+`-error"`) {
		s.t.Errorf("%s is not marked as wrong: %s", field, input)
	}
	_, after, _ := strings.Cut(s.html, `id="`+field+`-error"`)
	after, _, _ = strings.Cut(after, "</p>")
	if got := strings.TrimSpace(spaces.ReplaceAllString(tags.ReplaceAllString("<"+after, " "), " ")); !strings.Contains(strings.ReplaceAll(got, "&#39;", "'"), text) {
		s.t.Errorf("beside %s: got %q, want %q", field, got, text)
	}
	return s
}

// card is a filled card form with this number.
func card(number string, more ...string) []string {
	return append([]string{
		"cardNumber", number, "cardExpiry", "12 / 34", "cardCvc", "123", "billingName", "Ada Lovelace", "billingPostalCode", "12345",
	}, more...)
}

// plan makes a product with a monthly price.
func (b *bench) plan(name string, cents int64) *engine.Price {
	b.t.Helper()
	product := do[engine.Product](b, &engine.CreateProduct{ProductParams: engine.ProductParams{Name: engine.Some(name)}})
	return do[engine.Price](b, &engine.CreatePrice{
		Product: engine.Some(product.ID), Currency: engine.Some("eur"), UnitAmount: engine.Some(cents),
		Recurring: engine.Some(engine.RecurringParam{Interval: engine.Some("month")}),
	})
}

// once makes a product with a one-time price.
func (b *bench) once(name string, cents int64) *engine.Price {
	b.t.Helper()
	product := do[engine.Product](b, &engine.CreateProduct{ProductParams: engine.ProductParams{Name: engine.Some(name)}})
	return do[engine.Price](b, &engine.CreatePrice{Product: engine.Some(product.ID), Currency: engine.Some("eur"), UnitAmount: engine.Some(cents)})
}

func (b *bench) customer() *engine.Customer {
	b.t.Helper()
	return do[engine.Customer](b, &engine.CreateCustomer{CustomerParams: engine.CustomerParams{
		Email: engine.Some("ada@example.com"), Name: engine.Some("Ada Lovelace"),
	}})
}

// session opens a Checkout session for one of a price.
func (b *bench) session(mode string, price *engine.Price, change func(*engine.CreateCheckoutSession)) *engine.CheckoutSession {
	b.t.Helper()
	cmd := &engine.CreateCheckoutSession{
		Mode: engine.Some(mode), SuccessURL: engine.Some("https://app.example/done?session={CHECKOUT_SESSION_ID}"),
		CancelURL: engine.Some("https://app.example/plans"),
	}
	if price != nil {
		cmd.LineItems = engine.Some([]engine.CheckoutLineParams{{Price: engine.Some(price.ID), Quantity: engine.Some[int64](1)}})
	}
	if change != nil {
		change(cmd)
	}
	return do[engine.CheckoutSession](b, cmd)
}
