// Render writes the gallery to a folder: go run ./internal/gallery/render DIR.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/dues-billing/dues/internal/gallery"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: render DIR")
		os.Exit(2)
	}
	shots := gallery.Shots()
	if err := gallery.Write(os.Args[1], shots); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d pages and mails: %s\n", len(shots), filepath.Join(os.Args[1], "index.html"))
}
