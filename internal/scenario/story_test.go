package scenario

import (
	"os"
	"path/filepath"
	"testing"
	"time"

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
		t.Run(story.Name, func(t *testing.T) {
			t.Parallel()
			tell(t, story, NewAlone(t), 0)
		})
	}
}

func TestStoriesOnTheWholeService(t *testing.T) {
	t.Parallel()
	for _, db := range testenv.Databases(t) {
		for _, story := range stories(t) {
			t.Run(db.Name+"/"+story.Name, func(t *testing.T) {
				t.Parallel()
				tell(t, story, NewWhole(t, db.URL(t)), patience)
			})
		}
	}
}
