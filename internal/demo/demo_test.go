package demo

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAMonthLaterIsTheSameDayOrTheLast(t *testing.T) {
	t.Parallel()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 10, 30, 0, 0, time.UTC) }
	for _, c := range []struct{ from, want time.Time }{
		{day(2027, time.January, 4), day(2027, time.February, 4)},
		{day(2027, time.January, 31), day(2027, time.February, 28)},
		{day(2028, time.January, 31), day(2028, time.February, 29)},
		{day(2027, time.October, 31), day(2027, time.November, 30)},
		{day(2027, time.December, 31), day(2028, time.January, 31)},
	} {
		if got := monthLater(c.from); !got.Equal(c.want) {
			t.Errorf("a month after %s: got %s, want %s", c.from, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		from := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "from"), 0).UTC()
		got := monthLater(from)
		if got.Month() != from.Month()%12+1 || got.Day() > from.Day() || !got.After(from) {
			t.Fatalf("a month after %s: got %s", from, got)
		}
	})
}

func TestDistanceIsSaidInOneUnit(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Hour: "now", 59 * time.Second: "now", 5 * time.Minute: "in 5 min", 47 * time.Hour: "in 47 h", 71 * time.Hour: "in 3 days", 30 * 24 * time.Hour: "in 30 days",
	} {
		if got := distance(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestAFormSendsNobodyElsewhere(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/billing": "/billing", "/": "/", "": "/", "//evil.example.com": "/", "https://evil.example.com": "/", `/\evil.example.com`: "/", "/a\r\nb": "/",
	} {
		if got := localPath(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestAnExportedNameIsNoFormula(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Heath": "Heath", "=1+1": "'=1+1", "@x": "'@x", "": ""} {
		if got := plainCell(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestUsersAndProjectsOutliveARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := openUsers(dir)
	if err != nil {
		t.Fatal(err)
	}
	id, now := userID("Ada@example.com"), time.Date(2027, time.January, 4, 0, 0, 0, 0, time.UTC)
	err = first.change(id, func(u user) user {
		u.Email = "ada@example.com"
		return u.with("Heath", now).with("River", now).without(1)
	})
	if err != nil {
		t.Fatal(err)
	}
	second, err := openUsers(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := second.find(userID("ada@EXAMPLE.com"))
	if !ok || got.Email != "ada@example.com" || len(got.Projects) != 1 || got.Projects[0].Name != "River" || got.with("Lake", now).Projects[1].ID != 3 {
		t.Errorf("after a restart: %+v, %v", got, ok)
	}
}

func TestASessionOfSomebodyElseOpensNothing(t *testing.T) {
	t.Parallel()
	u, err := openUsers(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a := &app{cfg: Config{JWT: JWT{Secret: []byte("one secret")}}, users: u}
	other := &app{cfg: Config{JWT: JWT{Secret: []byte("another secret")}}, users: u}
	for _, id := range []string{"ada", "bob"} {
		if err := u.change(id, func(u user) user { u.Email = id; return u }); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		cookie string
		want   bool
	}{
		"his own":           {"ada." + a.sessionMAC("ada"), true},
		"none":              {"", false},
		"another user's":    {"bob." + a.sessionMAC("ada"), false},
		"another secret's":  {"ada." + other.sessionMAC("ada"), false},
		"no signature":      {"ada", false},
		"a user long gone":  {"eve." + a.sessionMAC("eve"), false},
		"an empty one, yet": {"." + a.sessionMAC(""), false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: sessionCookie, Value: c.cookie})
		}
		if _, got := a.visitor(r); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
