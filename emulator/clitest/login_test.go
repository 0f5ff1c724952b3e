package clitest

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// The CLI pairs in two commands when nobody sits before it, and then speaks with the key that it was given.
func TestLoginGivesTheCLIAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	home := "HOME=" + t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		cmd := c.command(args...)
		cmd.Env = append(without(cmd, "STRIPE_API_KEY="), home)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("stripe %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	var pairing struct {
		Browser string `json:"browser_url"`
		Code    string `json:"verification_code"`
		Next    string `json:"next_step"`
	}
	begun := run("login", "--non-interactive", "--dashboard-base", c.server.URL)
	if err := json.Unmarshal([]byte(begun[strings.IndexByte(begun, '{'):]), &pairing); err != nil {
		t.Fatalf("%v in %s", err, begun)
	}
	poll := strings.Trim(strings.TrimPrefix(pairing.Next, "stripe login --complete "), "'")
	if !strings.HasPrefix(pairing.Browser, c.server.URL+"/_emulator/accounts/acct_") || !strings.HasPrefix(poll, c.server.URL) || pairing.Code == "" {
		t.Fatalf("the pairing is %+v", pairing)
	}
	run("login", "--complete", poll)
	if shown := run("whoami"); !strings.Contains(shown, "Dues Test (acct_") {
		t.Errorf("the CLI says that it is %s", shown)
	}
	run("customers", "create", "--email", "ada@example.com")
	if listed := run("customers", "list"); !strings.Contains(listed, "ada@example.com") {
		t.Errorf("the key of the login lists %s", listed)
	}
}

// without is the environment of a command less what a variable is set to.
func without(cmd *exec.Cmd, variable string) (kept []string) {
	for _, set := range cmd.Env {
		if !strings.HasPrefix(set, variable) {
			kept = append(kept, set)
		}
	}
	return kept
}
