//go:build !linux

package service

// askHugePages does nothing here: only Linux is asked.
func askHugePages([]byte) {}
