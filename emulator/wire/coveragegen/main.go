// Coveragegen writes docs/coverage.md; make gen runs it.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/dues-billing/dues/emulator/wire"
)

func main() {
	target := filepath.Join("..", "..", "docs", "coverage.md") // go generate runs us in emulator/wire
	if err := os.WriteFile(target, []byte(wire.Coverage()), 0o644); err != nil {
		log.Fatal(err)
	}
}
