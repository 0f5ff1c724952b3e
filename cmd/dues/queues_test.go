package main

import (
	"testing"

	"github.com/dues-billing/dues/stripeprovider"
)

func TestAnEventInAnotherAPIVersionIsFlaggedInTheList(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		stripeprovider.APIVersion: stripeprovider.APIVersion, "2024-06-20": "2024-06-20 (foreign)", "": "none (foreign)",
	} {
		if got := shownVersion(given); got != want {
			t.Errorf("%q is shown as %q, want %q", given, got, want)
		}
	}
}
