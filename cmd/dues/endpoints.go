package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"github.com/dues-billing/dues/service"
)

// endpoints is where the application takes notices: a list in the config file, or the same list as YAML or JSON in a flag or variable.
// It is kept as text until it is read: an error of the parser of flags would repeat it, with the secrets in it.
type endpoints string

// endpointEntry is one of the list. Each secret is given in one of three ways: itself, in a file, or in a variable.
type endpointEntry struct {
	Name               string   `yaml:"name"`
	URL                string   `yaml:"url"`
	Types              []string `yaml:"types"`
	Secret             string   `yaml:"secret"`
	SecretFile         string   `yaml:"secret_file"`
	SecretEnv          string   `yaml:"secret_env"`
	PreviousSecret     string   `yaml:"previous_secret"`
	PreviousSecretFile string   `yaml:"previous_secret_file"`
	PreviousSecretEnv  string   `yaml:"previous_secret_env"`
}

// Decode implements kong.MapperValue.
func (e *endpoints) Decode(ctx *kong.DecodeContext) error {
	token := ctx.Scan.Pop()
	if text, ok := token.Value.(string); ok {
		*e = endpoints(text)
		return nil
	}
	text, err := yaml.Marshal(token.Value) // from the config file
	*e = endpoints(text)
	return err
}

// read returns the endpoints, checked. Unknown fields are refused: a misspelt one would otherwise be silently ignored.
func (e endpoints) read() ([]service.Endpoint, error) {
	if strings.TrimSpace(string(e)) == "" {
		return nil, nil
	}
	var entries []endpointEntry
	if err := yaml.UnmarshalWithOptions([]byte(e), &entries, yaml.Strict()); err != nil {
		return nil, hint(fmt.Errorf("endpoints: %s", firstLine(err)), "a list of name, url, secret (or secret_file, secret_env), previous_secret and types, such as\n"+
			"[{name: app, url: https://app.example.com/hooks/dues, secret_file: /run/secrets/dues-hook}]")
	}
	var all []service.Endpoint
	for i, entry := range entries {
		endpoint, err := entry.endpoint()
		if err != nil {
			return nil, fmt.Errorf("endpoint %d (%s): %w", i+1, entry.Name, err)
		}
		all = append(all, endpoint)
	}
	return all, service.CheckEndpoints(all)
}

// firstLine leaves out the picture that the parser draws of the text, which may show a secret.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func (e endpointEntry) endpoint() (service.Endpoint, error) {
	secret, err := oneSecret("secret", e.Secret, e.SecretFile, e.SecretEnv)
	previous, errPrevious := oneSecret("previous_secret", e.PreviousSecret, e.PreviousSecretFile, e.PreviousSecretEnv)
	return service.Endpoint{Name: e.Name, URL: e.URL, Types: e.Types, Secret: secret, PreviousSecret: previous}, errors.Join(err, errPrevious)
}

// oneSecret reads a secret from where it is given, "" when it is not.
func oneSecret(field, text, file, variable string) (string, error) {
	given := 0
	for _, way := range []string{text, file, variable} {
		if way != "" {
			given++
		}
	}
	if given > 1 {
		return "", fmt.Errorf("%s, %s_file and %s_env are several ways to say one thing: which one counts?", field, field, field)
	}
	switch {
	case file != "":
		read, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("%s_file: %w", field, err)
		}
		return strings.TrimSpace(string(read)), nil
	case variable != "":
		value, set := lookup(variable)
		if !set {
			return "", fmt.Errorf("%s_env: the variable %s is not set", field, variable)
		}
		return value, nil
	}
	return text, nil
}
