package main

import (
	"testing"

	"github.com/dues-billing/dues/service"
)

func TestAnEventInAnotherAPIVersionIsFlaggedInTheList(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]service.Event{
		"2026-06-24.dahlia": {APIVersion: "2026-06-24.dahlia"}, "2024-06-20 (foreign)": {APIVersion: "2024-06-20", Foreign: true}, "none (foreign)": {Foreign: true},
	} {
		if got := shownVersion(e); got != want {
			t.Errorf("%+v is shown as %q, want %q", e, got, want)
		}
	}
}
