// Missiongen writes docs/mission.md; make gen runs it.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/dues-billing/dues/internal/tidy"
)

func main() {
	root := filepath.Join("..", "..") // go generate runs us in internal/tidy
	text, err := tidy.Mission(root)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "docs", "mission.md"), []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}
