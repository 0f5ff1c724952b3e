//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// errLocked is what lockFile answers when another process holds the lock.
var errLocked = errors.New("locked by another process")

// lockFile keeps a second process out: two would write one journal. The lock ends with the process, however that ends, so the file may
// stay.
func lockFile(path string) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, err
	}
	return f.Close, nil
}
