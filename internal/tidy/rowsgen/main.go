// Rowsgen writes docs/mission.md and docs/features.md; make gen runs it.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/dues-billing/dues/internal/tidy"
)

func main() {
	root := filepath.Join("..", "..") // go generate runs us in internal/tidy
	for _, page := range tidy.Pages {
		text, err := page.Text(root)
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(page.Path)), []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
