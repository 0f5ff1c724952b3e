package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

var cliInstall sync.Mutex

// StripeCLI returns the path of Stripe's command line program. It comes from the npm packages in the folder of the test,
// which are installed when they are not there.
func StripeCLI(t testing.TB) string {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		missing(t, "Stripe's CLI for Linux on amd64")
	}
	cliInstall.Lock() // a second test must not run a program that is still being written
	defer cliInstall.Unlock()
	path, err := filepath.Abs(filepath.Join("node_modules", "@stripe", "cli-linux-x64", "bin", "stripe"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		missing(t, "npm")
	}
	if out, err := exec.CommandContext(t.Context(), npm, "ci", "--ignore-scripts").CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return path
}
