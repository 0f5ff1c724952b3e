package service

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// said is a place to keep answers in, with the facts that they are made of.
type said struct{ *facts }

func newSaid(bytesMax int64) said {
	f := &facts{
		accounts: newRecent(1<<20, weighAccount), standings: newRecent(1<<20, weighStanding), answers: newAnswers(bytesMax, noon),
	}
	return said{f}
}

// known is a verdict on an account whose facts are kept.
func (s said) known(id billing.AccountID) *judged {
	customer := billing.CustomerID("cus_" + id)
	held := &holder{Account: billing.Account{ID: id, Customer: customer}}
	state := billing.State{Customer: customer}
	return &judged{
		fact: fact{
			account: held, state: state,
			row:  s.accounts.end(id, s.accounts.begin(id), held, noon, true),
			kept: s.standings.end(customer, s.standings.begin(customer), state, noon, true),
		},
		Verdict: billing.Verdict{From: noon},
	}
}

func (s said) get(id billing.AccountID) string {
	return string(s.answers.get(id, statusPart, noon, noon, noon))
}

func (s said) put(of *judged, text string) { s.answers.put(statusPart, of, []byte(text)) }

func TestAnAnswerIsGivenWhileItIsTrueAndNoLonger(t *testing.T) {
	t.Parallel()
	later := noon.AddDate(0, 1, 0)
	for _, c := range []struct {
		name       string
		by         time.Time
		now, today time.Time // the wall clock, and the time by which the rules go
		heard      time.Time
		given      bool
	}{
		{"at once", time.Time{}, noon, noon, noon, true},
		{"the rules never say otherwise", time.Time{}, noon, noon.AddDate(150, 0, 0), noon, true},
		{"just before the rules say otherwise", later, noon, later.Add(-1), noon, true},
		{"when the rules say otherwise", later, noon, later, noon, false},
		{"before it was made", later, noon, noon.Add(-1), noon, false},
		{"the rules say otherwise in a time that has no number", time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC), noon, noon.AddDate(100, 0, 0), noon, true},
		{"no news, within the bound", later, noon.Add(staleMax - 1), noon, noon.Add(-time.Hour), true},
		{"no news, at the bound", later, noon.Add(staleMax), noon, noon.Add(-time.Hour), false},
		{"news until lately", later, noon.Add(time.Minute), noon, noon.Add(time.Minute), true},
		{"too old for changes by hand", later, noon.Add(keptMax), noon, noon.Add(keptMax), false},
		{"a clock set back", later, noon.Add(-1), noon, noon, false},
	} {
		s := newSaid(1 << 20)
		verdict := s.known("ada")
		verdict.By = c.by
		s.put(verdict, "full")
		if got := s.answers.get("ada", statusPart, c.now, c.heard, c.today) != nil; got != c.given {
			t.Errorf("%s: given %v, want %v", c.name, got, c.given)
		}
	}
}

func TestAnAnswerGoesWithWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(said){
		"the account":       func(s said) { s.drop(sqlstore.Change{Account: "ada"}) },
		"its customer":      func(s said) { s.drop(sqlstore.Change{Customer: "cus_ada"}) },
		"nobody knows what": func(s said) { s.dropAll() },
	} {
		s := newSaid(1 << 20)
		before := s.known("ada")
		s.put(before, "full")
		s.put(s.known("alan"), "free")
		if got := s.get("ada"); got != "full" {
			t.Fatalf("kept %q", got)
		}
		change(s)
		if got := s.get("ada"); got != "" {
			t.Errorf("%s changed, and the answer is still %q", name, got)
		}
		s.put(before, "full")
		if got := s.get("ada"); got != "" {
			t.Errorf("%s changed, and %q was kept, which was made before it", name, got)
		}
		s.put(s.known("ada"), "limited")
		if got := s.get("ada"); got != "limited" {
			t.Errorf("%s changed: got %q, want what was made after it", name, got)
		}
	}
}

func TestAnswersMakeRoomForOneAnother(t *testing.T) {
	t.Parallel()
	const bytesMax, accounts = 64 << 10, 3000
	s := newSaid(bytesMax)
	of := func(id billing.AccountID) string { return fmt.Sprintf("answer %-400s", id) }
	s.put(s.known("0"), "the first")
	first := s.answers.get("0", statusPart, noon, noon, noon)
	for i := 1; i < accounts; i++ {
		id := billing.AccountID(fmt.Sprint(i))
		s.put(s.known(id), of(id))
		if got, want := s.get(id), of(id); got != want {
			t.Fatalf("account %d: %q, want what was just kept", i, got)
		}
		if _, taken := s.answers.size(); taken > bytesMax {
			t.Fatalf("after %d accounts %d bytes are taken, of %d", i, taken, bytesMax)
		}
	}
	kept := 0
	for i := range accounts {
		id := billing.AccountID(fmt.Sprint(i))
		switch got := s.get(id); got {
		case "":
		case of(id):
			kept++
		default:
			t.Errorf("account %d is answered with %q", i, got)
		}
	}
	if counted, _ := s.answers.size(); counted != kept || kept < accounts/40 {
		t.Errorf("%d answers are kept, and %d are counted", kept, counted)
	}
	if string(first) != "the first" || s.get("0") != "" {
		t.Errorf("the first account's answer became %q, and %q is kept", first, s.get("0"))
	}
	if s.answers.places.used != kept || len(s.answers.segments) > segmentsMin {
		t.Errorf("%d places, %d segments", s.answers.places.used, len(s.answers.segments))
	}
}

// An account that was dropped, and that nobody asked for again, left its customer in the index for ever, and the room for answers shrank by it.
func TestWhatWasDroppedTakesNoRoomForEver(t *testing.T) {
	t.Parallel()
	const bytesMax, accounts = 64 << 10, 10_000
	s := newSaid(bytesMax)
	for i := range accounts {
		id := billing.AccountID(fmt.Sprint(i))
		s.put(s.known(id), "answer")
		s.drop(sqlstore.Change{Account: id})
		if _, taken := s.answers.size(); taken > bytesMax {
			t.Fatalf("after %d accounts %d bytes are taken, of %d", i, taken, bytesMax)
		}
	}
	if of := len(s.answers.customers); of > accounts/10 {
		t.Errorf("%d customers of accounts that are gone are kept", of)
	}
	s.put(s.known("ada"), "full")
	if got := s.get("ada"); got != "full" {
		t.Errorf("kept %q, want what was said last", got)
	}
}

// Two customers may have the same sum, as two accounts may: a change of either must find what was said because of it.
func TestACustomerOfTheSameSumTakesTheOthersAnswerAway(t *testing.T) {
	t.Parallel()
	s := newSaid(1 << 20)
	s.put(s.known("ada"), "full")
	s.answers.customers[s.answers.customerSum("cus_eve")] = s.answers.accountSum("ada") // as if it were cus_ada's
	delete(s.answers.customers, s.answers.customerSum("cus_ada"))
	s.put(s.known("eve"), "free")
	if got := s.get("ada"); got != "" {
		t.Errorf("ada's %q is kept, and no change of her customer would find it", got)
	}
	if got := s.get("eve"); got != "free" {
		t.Errorf("eve's is %q", got)
	}
}

func TestAnAnswerThatIsTooLongIsNotKept(t *testing.T) {
	t.Parallel()
	for _, bytesMax := range []int64{0, 100, 8 << 10} {
		s := newSaid(bytesMax)
		s.put(s.known("ada"), string(make([]byte, 1<<10)))
		if _, taken := s.answers.size(); s.get("ada") != "" || taken != 0 {
			t.Errorf("with room for %d bytes %d are taken", bytesMax, taken)
		}
	}
}

func TestTheAnswersOfOneAccountAreToldApart(t *testing.T) {
	t.Parallel()
	s := newSaid(1 << 20)
	verdict := s.known("ada")
	for p := statusPart; p < partsEnd; p++ {
		s.answers.put(p, verdict, fmt.Append(nil, p))
	}
	s.answers.put(statusPart, verdict, []byte("newer"))
	for p := statusPart; p < partsEnd; p++ {
		want := fmt.Append(nil, p)
		if p == statusPart {
			want = []byte("newer")
		}
		if got := s.answers.get("ada", p, noon, noon, noon); !bytes.Equal(got, want) {
			t.Errorf("part %d is %q, want %q", p, got, want)
		}
	}
}

// Two accounts may have the same sum. It is not seen in a lifetime; what counts is that nobody gets another's answer.
func TestAnAccountOfTheSameSumIsAnotherAccount(t *testing.T) {
	t.Parallel()
	s := newSaid(1 << 20)
	s.put(s.known("ada"), "full")
	sum := func(id billing.AccountID) uint64 { return keyOf(s.answers.accountSum(id), statusPart) }
	at, _ := s.answers.places.get(sum("ada"))
	s.answers.places.put(sum("eve"), at)
	if got := s.get("eve"); got != "" {
		t.Errorf("eve gets ada's %q, for a part of the sum is the same", got)
	}
	block := s.answers.segments[at.segment()][at.offset():]
	binary.LittleEndian.PutUint64(block[blockKey:], sum("eve"))
	if got := s.get("eve"); got != "" {
		t.Errorf("eve gets ada's %q, for all of the sum is the same", got)
	}
}

func TestPackedEntitlementsAreTheSameAgain(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		var c billing.Catalog
		var all []billing.Entitlement
		for i := range random.IntN(5) {
			f := billing.Feature{ID: billing.FeatureID(fmt.Sprint("feature ", i)), Type: []billing.FeatureType{billing.Boolean, billing.Limit, billing.Usage}[random.IntN(3)]}
			limit := []int64{0, 1, math.MaxInt64, math.MinInt64, random.Int64()}[random.IntN(5)]
			c.Features = append(c.Features, f)
			all = append(all, billing.Entitlement{Feature: f.ID, Type: f.Type, Enabled: random.IntN(2) == 0, Limit: limit})
		}
		if got := unpackEntitlements(c, packEntitlements(all)); len(all) > 0 && !cmp.Equal(got, all) {
			t.Fatalf("%v became %v", all, got)
		}
	}
}
