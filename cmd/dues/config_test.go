package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/alecthomas/kong"
)

func TestAFlagComesFromTheCommandLineThenTheEnvironmentThenTheFile(t *testing.T) {
	dir := t.TempDir()
	config, secret := filepath.Join(dir, "dues.yaml"), filepath.Join(dir, "secret")
	for name, text := range map[string]string{config: "stripe-key: from-config\nwebhook-secret: [a, b]\n", secret: "from-secret\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name      string
		arguments []string
		env       map[string]string
		want      string
	}{
		{"the file, when nothing else says it", nil, nil, "from-config"},
		{"an empty variable says nothing", nil, map[string]string{"DUES_STRIPE_KEY": ""}, "from-config"},
		{"the environment before the file", nil, map[string]string{"DUES_STRIPE_KEY": "from-env"}, "from-env"},
		{"a secret's file before the file", nil, map[string]string{"DUES_STRIPE_KEY_FILE": secret}, "from-secret"},
		{"the command line before all", []string{"--stripe-key", "from-line"}, map[string]string{"DUES_STRIPE_KEY": "from-env"}, "from-line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			var given commands
			parser, err := kong.New(&given, kong.Writers(io.Discard, io.Discard), kong.Resolvers(kong.ResolverFunc(secretFiles)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(append([]string{"--config", config, "serve"}, c.arguments...)); err != nil {
				t.Fatal(err)
			}
			if got := given.Serve.StripeKey; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := given.Serve.WebhookSecret; len(got) != 2 || got[1] != "b" {
				t.Errorf("webhook secrets %q, want a and b", got)
			}
		})
	}
}
