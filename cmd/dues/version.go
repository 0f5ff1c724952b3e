package main

import (
	"encoding/json"
	"runtime"
	"runtime/debug"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/sqlstore"
)

//go:generate env UPDATE=1 go test -run TestTheCommandsAreDocumented .

type version struct {
	JSON bool `name:"json" help:"As JSON."`
}

// Run prints what the program is made of, for bug reports.
func (v version) Run(c console) error {
	commit, at, changed := builtFrom()
	if v.JSON {
		return json.NewEncoder(c.out).Encode(map[string]any{
			"version": programVersion(), "commit": commit, "committed_at": at, "changed": changed, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
			"schema": sqlstore.SchemaVersion(), "stripe_api": stripe.APIVersion,
		})
	}
	c.printf("dues        %s\n", programVersion())
	if commit != "" {
		if changed {
			commit += ", and what was changed since"
		}
		c.printf("commit      %s of %s\n", commit, at)
	}
	c.printf("go          %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	c.printf("schema      %d\n", sqlstore.SchemaVersion())
	c.printf("stripe api  %s\n", stripe.APIVersion)
	return nil
}

// builtFrom is the commit of the checkout that the program was built from, "" without one.
func builtFrom() (commit, at string, changed bool) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", "", false
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.time":
			at = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	return commit, at, changed
}

// release is the version of a release, which its build sets.
var release string

// programVersion is the version of the release, or of the module, with the commit when the program was built from a checkout.
func programVersion() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	if commit, _, _ := builtFrom(); commit != "" && v == "devel" {
		v += " " + commit[:min(12, len(commit))]
	}
	return v
}
