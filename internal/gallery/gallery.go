// Package gallery writes every page and mail in every state to static HTML, to look through before and after a change:
//
//	make gallery
package gallery

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dues-billing/dues/accountui"
	"github.com/dues-billing/dues/adminui"
	"github.com/dues-billing/dues/docs"
	"github.com/dues-billing/dues/emulator/dashboard"
	"github.com/dues-billing/dues/emulator/pages"
	"github.com/dues-billing/dues/internal/demo"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/docsite"
	"github.com/dues-billing/dues/internal/inbox"
	"github.com/dues-billing/dues/mailer"
)

// Shots returns every page and mail in every state, by name.
func Shots() []design.Shot {
	shots := slices.Concat(pages.Gallery(), dashboard.Gallery(), demo.Gallery(), accountui.Gallery(), adminui.Gallery(), inbox.Gallery(), mailer.Gallery(), docsite.Gallery(docs.Files))
	slices.SortStableFunc(shots, func(a, b design.Shot) int { return strings.Compare(a.Name, b.Name) })
	return shots
}

// Write writes the shots below dir, with an index, and what they need to look right.
func Write(dir string, shots []design.Shot) error {
	for _, shot := range append(shots, design.Shot{Name: "index", Component: index(shots)}) {
		html, err := Render(shot)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(dir, shot.Name+".html"), html); err != nil {
			return err
		}
		if err := writeAssets(dir, html); err != nil {
			return err
		}
	}
	return nil
}

// Render returns the HTML of a shot, with links to its assets that work from where Write puts it.
func Render(shot design.Shot) ([]byte, error) {
	root := strings.TrimSuffix(strings.Repeat("../", strings.Count(shot.Name, "/")), "/")
	if root == "" {
		root = "."
	}
	var html bytes.Buffer
	if err := shot.Component.Render(design.WithRoot(context.Background(), root), &html); err != nil {
		return nil, fmt.Errorf("gallery: %s: %w", shot.Name, err)
	}
	return html.Bytes(), nil
}

// asset finds the paths of stylesheet and icon, which hold a hash of their content.
var asset = regexp.MustCompile(`"[./]*(` + design.Prefix + `[^"]+)"`)

func writeAssets(dir string, html []byte) error {
	for _, found := range asset.FindAllSubmatch(html, -1) {
		name := string(found[1])
		answer := httptest.NewRecorder()
		design.Assets().ServeHTTP(answer, httptest.NewRequest("GET", name, nil))
		if answer.Code != 200 {
			return fmt.Errorf("gallery: %s: %d", name, answer.Code)
		}
		if err := write(filepath.Join(dir, name), answer.Body.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

// groupOf is the part of a shot's name that shots are listed under.
func groupOf(shot design.Shot) string { return path.Dir(shot.Name) }
