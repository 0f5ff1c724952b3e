package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// secretFiles resolves a flag from the file that its environment variable with _FILE names: the way in which Docker and
// Kubernetes hand secrets over without showing them to everybody who can list processes.
func secretFiles(lookup func(string) (string, bool)) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, env := range flag.Envs {
			name, ok := lookup(env + "_FILE")
			if !ok {
				continue
			}
			if _, both := lookup(env); both {
				return nil, fmt.Errorf("%s and %s_FILE are both set: which one counts?", env, env)
			}
			secret, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("%s_FILE: %w", env, err)
			}
			return strings.TrimSpace(string(secret)), nil
		}
		return nil, nil
	}
}

// configFile is a YAML file of flags.
type configFile string

// BeforeResolve reads the file, so that flags and environment variables win over it.
func (c configFile) BeforeResolve(k *kong.Kong, ctx *kong.Context, trace *kong.Path) error {
	name, _ := ctx.FlagValue(trace.Flag).(configFile)
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(string(name))
	if err != nil {
		return hint(fmt.Errorf("config: %w", err), "--config takes a YAML file whose keys are flags, such as 'stripe-key: sk_test_…'")
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(text, &values); err != nil {
		return fmt.Errorf("config %s: %w", name, err)
	}
	if err := knownFlags(k.Model, values); err != nil {
		return fmt.Errorf("config %s: %w", name, err)
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		return values[flag.Name], nil
	}))
	return nil
}

// knownFlags refuses keys that no command has: a misspelt key would otherwise be silently ignored.
func knownFlags(model *kong.Application, values map[string]any) error {
	var known []string
	for _, node := range append([]*kong.Node{model.Node}, model.Children...) {
		for _, flag := range node.Flags {
			known = append(known, flag.Name)
		}
	}
	for key := range values {
		if !slices.Contains(known, key) {
			return hint(fmt.Errorf("there is no flag %q", key), "keys are the names of flags without the dashes; dues serve --help lists them")
		}
	}
	return nil
}
