package emulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/dues-billing/dues/emulator/engine"
)

// ReadSettings reads settings in YAML over those of a new account, each text over the ones before it. A name that no setting has is refused, and
// so is a value that its setting cannot hold; errors name the setting and its line.
func ReadSettings(texts ...[]byte) (engine.Settings, error) {
	settings := engine.DefaultSettings()
	for _, text := range texts {
		if err := yaml.UnmarshalWithOptions(text, &settings, yaml.Strict()); err != nil {
			return settings, fmt.Errorf("settings: %s", yaml.FormatError(err, false, true))
		}
		if err := noneEmpty(text); err != nil {
			return settings, err
		}
	}
	if err := settings.Check(); err != nil {
		var wrong *engine.Error
		if errors.As(err, &wrong) {
			return settings, fmt.Errorf("settings: %s", wrong.Message)
		}
		return settings, err
	}
	return settings, nil
}

// noneEmpty refuses names without a value: they would be taken and change nothing.
func noneEmpty(text []byte) error {
	values := map[string]any{}
	if err := yaml.Unmarshal(text, &values); err != nil {
		return fmt.Errorf("settings: %s", yaml.FormatError(err, false, true))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] == nil {
			return fmt.Errorf("settings: %s has no value", name)
		}
	}
	return nil
}
