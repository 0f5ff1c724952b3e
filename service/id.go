package service

import (
	"crypto/rand"
	"strings"
)

// newID returns an id that nobody can guess, such as pur_k3v….
func newID(prefix string) string { return prefix + "_" + strings.ToLower(rand.Text()) }
