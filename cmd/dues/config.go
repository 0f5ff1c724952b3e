package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// lookup is os.LookupEnv, but for variables that are set to nothing: a compose file passes on what its user left out.
func lookup(name string) (string, bool) {
	value, _ := os.LookupEnv(name)
	return value, value != ""
}

// fileOf returns the file that the variable of a flag names with _FILE: the way in which Docker and Kubernetes hand secrets
// over without showing them to everybody who can list processes.
func fileOf(flag *kong.Flag) (variable, file string, err error) {
	for _, env := range flag.Envs {
		file, ok := lookup(env + "_FILE")
		if !ok {
			continue
		}
		if _, both := lookup(env); both {
			return "", "", fmt.Errorf("%s and %s_FILE are both set: which one counts?", env, env)
		}
		return env + "_FILE", file, nil
	}
	return "", "", nil
}

// secretFiles resolves a flag from the file that its variable names.
func secretFiles(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	variable, file, err := fileOf(flag)
	if err != nil || file == "" {
		return nil, err
	}
	secret, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return strings.TrimSpace(string(secret)), nil
}

// fromEnvironment reports whether the environment sets a flag.
func fromEnvironment(flag *kong.Flag) bool {
	for _, env := range flag.Envs {
		for _, name := range []string{env, env + "_FILE"} {
			if _, ok := lookup(name); ok {
				return true
			}
		}
	}
	return false
}

// configFile is a YAML file of flags.
type configFile string

// BeforeResolve reads the file. Flags win over it, for kong asks nobody about a flag that was given, and so does the environment.
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
		if fromEnvironment(flag) {
			return nil, nil
		}
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
