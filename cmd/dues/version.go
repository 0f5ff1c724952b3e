package main

import (
	"runtime"
	"runtime/debug"

	"github.com/stripe/stripe-go/v86"
)

type version struct{}

// Run prints what the program is made of, for bug reports.
func (version) Run(c console) error {
	c.printf("dues        %s\n", programVersion())
	c.printf("go          %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	c.printf("stripe api  %s\n", stripe.APIVersion)
	return nil
}

// programVersion is the module's version, with the commit when the program was built from a checkout.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "devel" {
			v += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return v
}
