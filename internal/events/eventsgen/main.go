// Eventsgen writes docs/events.md; make gen runs it.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/dues-billing/dues/internal/events"
)

func main() {
	root := filepath.Join("..", "..") // go generate runs us in internal/events
	document, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(events.Document)))
	if err != nil {
		log.Fatal(err)
	}
	page, err := events.Page(string(document))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(events.Path)), []byte(page), 0o644); err != nil {
		log.Fatal(err)
	}
}
