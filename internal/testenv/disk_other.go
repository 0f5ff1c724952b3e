//go:build !linux

package testenv

import "testing"

// smallDisk needs Linux.
func smallDisk(testing.TB) string { return "" }
