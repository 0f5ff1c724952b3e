package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/internal/testenv"
)

// stories reads testdata/scenarios.
func stories(t *testing.T) []*Story {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "scenarios", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	var all []*Story
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		story, err := Parse(filepath.Base(name), string(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, story)
	}
	return all
}

// sold reads the catalogue of a story.
func sold(t *testing.T, story *Story) billing.Catalog {
	t.Helper()
	if story.Catalog == "" {
		return catalog.Default()
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "catalogs", story.Catalog+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// patience is how long an expectation may take in the whole service, where mails and calls happen in the background.
const patience = 10 * time.Second

func tell(t *testing.T, story *Story, d Driver, patience time.Duration) {
	t.Helper()
	if err := Run(t.Context(), story, d, Options{Log: t.Logf, Patience: patience, Pause: Pause}); err != nil {
		t.Error(err)
	}
}

func TestStoriesOnTheEmulatorAlone(t *testing.T) {
	t.Parallel()
	for _, story := range stories(t) {
		if story.AsksService() {
			continue
		}
		t.Run(story.Name, func(t *testing.T) {
			t.Parallel()
			tell(t, story, NewAlone(t, sold(t, story)), 0)
		})
	}
}

func TestStoriesOnTheWholeService(t *testing.T) {
	t.Parallel()
	for _, db := range testenv.Databases(t) {
		for _, story := range stories(t) {
			t.Run(db.Name+"/"+story.Name, func(t *testing.T) {
				t.Parallel()
				tell(t, story, NewWhole(t, db.URL(t), sold(t, story)), patience)
			})
		}
	}
}

func TestAStoryFailsWhenTheServiceDoesWhatItWasToRefuse(t *testing.T) {
	t.Parallel()
	story, err := Parse("x.txt", "at 2026-01-10\nsignup ada\nend ada now refused conflict\nsubscribe ada premium-monthly with ok\nend ada now refused conflict")
	if err != nil {
		t.Fatal(err)
	}
	d := NewWhole(t, testenv.Databases(t)[0].URL(t), catalog.Default())
	err = Run(t.Context(), story, d, Options{Log: t.Logf, Patience: patience, Pause: Pause})
	if err == nil || !strings.Contains(err.Error(), "x.txt:5") || !strings.Contains(err.Error(), "was to refuse it") {
		t.Errorf("got %v", err)
	}
}
