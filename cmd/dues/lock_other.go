//go:build !unix

package main

import "errors"

// errLocked is what lockFile answers when another process holds the lock.
var errLocked = errors.New("locked by another process")

// lockFile does nothing where files have no advisory locks; there the port, which is the same by default, keeps a second process out.
func lockFile(string) (release func() error, err error) { return func() error { return nil }, nil }
