package service

import (
	"crypto/rand" //tidy:allow rand ids that appear in return URLs must not be guessable, and nothing is decided by them
	"strings"
)

// newID returns an id that nobody can guess, such as pur_k3v….
func newID(prefix string) string { return prefix + "_" + strings.ToLower(rand.Text()) }
