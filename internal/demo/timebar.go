package demo

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// timebar is the emulator's clock as the bar at the bottom shows it.
type timebar struct {
	Path string // where its buttons post
	Back string // the page it stands on
	Now  time.Time
	Next string // how far the next event is; "" when nothing is planned
}

func (a *app) now(r *http.Request) time.Time {
	if a.cfg.Clock == nil {
		return a.cfg.Wall()
	}
	now, err := a.cfg.Clock.Now(r.Context())
	if err != nil {
		a.cfg.Log.WarnContext(r.Context(), "demo: no time from the emulator", "error", err)
		return a.cfg.Wall()
	}
	return now
}

// timebar is nil when there is no clock to move, or it does not answer: the page is worth more than the bar.
func (a *app) timebar(r *http.Request) *timebar {
	if a.cfg.Clock == nil {
		return nil
	}
	now, err := a.cfg.Clock.Now(r.Context())
	if err != nil {
		a.cfg.Log.WarnContext(r.Context(), "demo: no time from the emulator", "error", err)
		return nil
	}
	bar := &timebar{Path: a.cfg.BasePath + "/clock", Back: a.backFrom(r), Now: now}
	if next, ok, err := a.cfg.Clock.Next(r.Context()); err == nil && ok {
		bar.Next = distance(next.Sub(now))
	}
	return bar
}

// backFrom is the page to show again after the clock has moved, without the words of welcome that were in its query. What
// answers a POST has no page of its own.
func (a *app) backFrom(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/"
	}
	return "/" + strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, a.cfg.BasePath), "/")
}

// distance says in a word or two how far away something is.
func distance(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("in %d min", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("in %d h", d.Round(time.Hour)/time.Hour)
	}
	return fmt.Sprintf("in %d days", d.Round(day)/day)
}

// A renewal is drafted at the period's end and charged an hour later: a month's step goes past both.
const renewalMargin = 2 * time.Hour

// moveClock moves the emulator's time forward. It never goes back, as Stripe's test clocks do not.
func (a *app) moveClock(w http.ResponseWriter, r *http.Request) error {
	if a.cfg.Clock == nil {
		return &refusal{Status: http.StatusNotFound, Detail: "There is no clock to move here."}
	}
	now, err := a.cfg.Clock.Now(r.Context())
	if err != nil {
		return err
	}
	to := now
	switch r.FormValue("by") {
	case "day":
		to = now.Add(24 * time.Hour)
	case "week":
		to = now.Add(7 * 24 * time.Hour)
	case "month":
		to = monthLater(now).Add(renewalMargin)
	case "next":
		next, ok, err := a.cfg.Clock.Next(r.Context())
		if err != nil {
			return err
		}
		if ok && next.After(now) {
			to = next
		}
	default:
		return &refusal{Status: http.StatusBadRequest, Detail: "The clock moves by a day, a week, a month, or to the next event."}
	}
	if to.After(now) {
		if err := a.cfg.Clock.Move(r.Context(), to); err != nil {
			return err
		}
	}
	a.redirect(w, r, localPath(r.FormValue("back")))
	return nil
}

// localPath keeps a form from sending the browser elsewhere.
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}

// monthLater is the same day of the next month, or its last: 31 January plus a month is 28 February.
func monthLater(t time.Time) time.Time {
	later := t.AddDate(0, 1, 0)
	if later.Day() != t.Day() {
		later = later.AddDate(0, 0, -later.Day())
	}
	return later
}
