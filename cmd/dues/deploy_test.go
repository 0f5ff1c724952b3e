package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

var variable = regexp.MustCompile(`\bDUES_[A-Z_]+\b`)

// model is the command line as it is parsed.
func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := newParser(t.Context(), console{new(bytes.Buffer), new(bytes.Buffer)}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

// variables are the names of the environment that a command reads.
func variables(node *kong.Node) (all []string) {
	for _, flag := range node.Flags {
		all = append(all, flag.Envs...)
	}
	for _, child := range node.Children {
		all = append(all, variables(child)...)
	}
	return all
}

func TestWhatIsDeployedSetsVariablesThatExist(t *testing.T) {
	t.Parallel()
	known := variables(model(t).Node)
	files := []string{"../../docs/install.md", "../../docs/upgrading.md"}
	err := filepath.WalkDir("../../deploy", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range variable.FindAllString(string(text), -1) {
			found++
			if !slices.Contains(known, strings.TrimSuffix(name, "_FILE")) {
				t.Errorf("%s sets %s, which no command reads", file, name)
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d variables were found", found)
	}
}

func TestManifestsAreYAMLWhoseServiceIsTheProgram(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../deploy/kubernetes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../../deploy/compose.yaml", "../../.goreleaser.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\n---\n") {
			var into map[string]any
			if err := yaml.Unmarshal([]byte(part), &into); err != nil || len(into) < 3 {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	unit, err := os.ReadFile("../../deploy/dues.service")
	if err != nil {
		t.Fatal(err)
	}
	start := regexp.MustCompile(`(?m)^ExecStart=\S+/dues (.+)$`).FindSubmatch(unit)
	if start == nil {
		t.Fatal("the unit starts nothing")
	}
	for _, child := range model(t).Children {
		if child.Name == string(start[1]) {
			return
		}
	}
	t.Errorf("dues %s is no command", start[1])
}
