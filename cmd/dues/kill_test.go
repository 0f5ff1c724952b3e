package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// emulation is a dues emulate in a process of its own.
type emulation struct {
	testing.TB
	cmd *exec.Cmd
	url string
}

// emulateOn starts the command on a state file, with the seed and the public URL of every run here.
func emulateOn(t testing.TB, state string) *emulation {
	t.Helper()
	e := &emulation{TB: t, cmd: exec.CommandContext(t.Context(), "dues", "emulate", "--addr", "127.0.0.1:0", "--url", "http://stripe.test",
		"--seed", "kill", "--set", "advance_intervals=0", "--state", state)}
	var complaints bytes.Buffer
	e.cmd.Stderr = &complaints
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.kill)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, found := strings.CutPrefix(lines.Text(), "Listening   "); found {
			e.url = address
		}
		if lines.Text() == "ready" {
			return e
		}
	}
	e.kill()
	t.Fatalf("dues emulate did not start: %s", &complaints)
	return nil
}

// kill is kill -9.
func (e *emulation) kill() {
	_ = e.cmd.Process.Kill() // it may be dead already
	_ = e.cmd.Wait()         // says that it was killed
}

// begin sends a request and returns its answer as soon as that begins.
func (e *emulation) begin(method, path string, form url.Values) *http.Response {
	e.Helper()
	req, err := http.NewRequestWithContext(e.Context(), method, e.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		e.Fatal(err)
	}
	req.SetBasicAuth("sk_test_kill", "")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		e.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		e.Fatalf("%s %s answered %s: %s", method, path, resp.Status, text)
	}
	return resp
}

// ask sends a request and reads its answer into an object.
func (e *emulation) ask(method, path string, form url.Values, into any) {
	e.Helper()
	resp := e.begin(method, path, form)
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		e.Fatal(err)
	}
}

// make makes an object and returns its id.
func (e *emulation) make(path string, form url.Values) string {
	e.Helper()
	var made struct{ ID string }
	e.ask(http.MethodPost, "/v1/"+path, form, &made)
	return made.ID
}

// all is everything that a list holds, newest first, each once.
func (e *emulation) all(list string) []string {
	e.Helper()
	var out []string
	seen := map[string]bool{}
	for after := ""; ; {
		var page struct {
			Data    []json.RawMessage
			HasMore bool `json:"has_more"`
		}
		e.ask(http.MethodGet, list+"&limit=100"+after, nil, &page)
		for _, text := range page.Data {
			var object struct{ ID string }
			if err := json.Unmarshal(text, &object); err != nil {
				e.Fatal(err)
			}
			if seen[object.ID] {
				e.Fatalf("%s tells %s twice", list, object.ID)
			}
			seen[object.ID], after = true, "&starting_after="+object.ID
			out = append(out, string(text))
		}
		if !page.HasMore {
			return out
		}
	}
}

// story waits until the clock is ready, and is then all that has happened and all that there is.
func (e *emulation) story(clock string, customers []string) string {
	e.Helper()
	for status := ""; status != "ready"; {
		var found struct{ Status string }
		e.ask(http.MethodGet, "/v1/test_helpers/test_clocks/"+clock, nil, &found)
		if status = found.Status; status == "internal_failure" {
			e.Fatal("the clock failed")
		}
	}
	var told []string
	for _, event := range e.all("/v1/events?") {
		told = append(told, timeless(e, event))
	}
	for _, customer := range customers {
		for _, list := range []string{"subscriptions?status=all&", "invoices?", "charges?", "payment_intents?", "invoiceitems?", "credit_notes?"} {
			told = append(told, e.all("/v1/"+list+"customer="+customer)...)
		}
	}
	return strings.Join(told, "\n")
}

// timeless is an event without the wall time of the request to advance, which every run sends at another second. The id begins with it, too.
func timeless(t testing.TB, event string) string {
	if !strings.Contains(event, `"test_helpers.test_clock.advancing"`) && !strings.Contains(event, `"test_helpers.test_clock.ready"`) {
		return event
	}
	var o map[string]any
	if err := json.Unmarshal([]byte(event), &o); err != nil {
		t.Fatal(err)
	}
	delete(o, "created")
	delete(o, "id")
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const (
	clockBegins = 1_900_000_000
	monthLong   = 30 * 24 * 60 * 60
)

// openShopToKill makes a state file with a test clock: one customer pays every day, one every month, and one has a card that is declined.
func openShopToKill(t *testing.T, state string) (clock string, customers []string) {
	t.Helper()
	e := emulateOn(t, state)
	defer e.kill() // everything it answered is in the file
	clock = e.make("test_helpers/test_clocks", url.Values{"frozen_time": {fmt.Sprint(clockBegins)}})
	for _, of := range []struct{ interval, card string }{
		{"day", "pm_card_visa"}, {"month", "pm_card_visa"}, {"month", "pm_card_chargeCustomerFail"},
	} {
		customer := e.make("customers", url.Values{
			"test_clock": {clock}, "payment_method": {of.card}, "invoice_settings[default_payment_method]": {of.card},
		})
		price := e.make("prices", url.Values{
			"currency": {"usd"}, "unit_amount": {"2000"}, "recurring[interval]": {of.interval}, "product_data[name]": {"Premium"},
		})
		e.make("subscriptions", url.Values{"customer": {customer}, "items[0][price]": {price}, "trial_period_days": {"1"}})
		customers = append(customers, customer)
	}
	return clock, customers
}

// copyOf is a copy of a state file, up to a length.
func copyOf(t *testing.T, state string, length int) string {
	t.Helper()
	text, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, text[:min(length, len(text))], 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// whole is longer than every state file here.
const whole = 1 << 30

// advancePath is where a clock is advanced.
func advancePath(clock string) string { return "/v1/test_helpers/test_clocks/" + clock + "/advance" }

func months(n int) url.Values {
	return url.Values{"frozen_time": {fmt.Sprint(clockBegins + n*monthLong)}}
}

// cutOff advances a clock and kills the process in the middle of it. The machine may be too slow to kill in time, and the advance over: then it is
// tried again with a longer one. It returns how many months it took.
func cutOff(t *testing.T, begin, clock string) (state string, long int) {
	t.Helper()
	for long = 8; long <= 256; long *= 2 {
		state = copyOf(t, begin, whole)
		e := emulateOn(t, state)
		resp := e.begin(http.MethodPost, advancePath(clock), months(long))
		e.kill()
		_ = resp.Body.Close() // it was cut off
		text, err := os.ReadFile(state)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("AdvanceTestClock")) {
			t.Fatal("the request was answered and is not in the file")
		}
		if !bytes.Contains(text, []byte("FinishAdvance")) {
			return state, long
		}
	}
	t.Fatal("no advance was long enough to be cut off")
	return "", 0
}

func TestAnAdvanceThatKill9CutOffGoesOnToTheSameEnd(t *testing.T) {
	t.Parallel()
	begin := filepath.Join(t.TempDir(), "state")
	clock, customers := openShopToKill(t, begin)
	cut, long := cutOff(t, begin, clock)

	calm := copyOf(t, begin, whole)
	e := emulateOn(t, calm)
	_ = e.begin(http.MethodPost, advancePath(clock), months(long)).Body.Close()
	want := e.story(clock, customers)
	e.kill()
	if n := strings.Count(want, `"invoice.paid"`); n < long*30 {
		t.Fatalf("in %d months only %d invoices were paid", long, n)
	}

	if got := emulateOn(t, cut).story(clock, customers); got != want {
		t.Errorf("after the kill the story is another one: %s", firstDifference(got, want))
	}
	// The kill may hit the write of a line as well. What it says was never answered: here, that the advance is over.
	text, err := os.ReadFile(calm)
	if err != nil {
		t.Fatal(err)
	}
	finish := bytes.LastIndex(text, []byte("FinishAdvance"))
	for name, length := range map[string]int{"in the middle": finish, "before its end": finish + bytes.IndexByte(text[finish:], '\n')} {
		if got := emulateOn(t, copyOf(t, calm, length)).story(clock, customers); got != want {
			t.Errorf("after a line torn %s the story is another one: %s", name, firstDifference(got, want))
		}
	}
}

// firstDifference is where two stories part.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}
