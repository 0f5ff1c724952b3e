package testenv

import (
	"os"
	"syscall"
	"testing"
)

// diskBytes is the size of a small disk: a database fits in, and is full after a few hundred events.
const diskBytes = "6m"

// smallDisk mounts a disk of diskBytes in memory until the test ends, and returns its folder, "" when that is not allowed.
func smallDisk(t testing.TB) string {
	t.Helper()
	if os.Getuid() != 0 {
		return ""
	}
	folder := t.TempDir()
	if err := syscall.Mount("dues-test", folder, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, "size="+diskBytes); err != nil {
		return ""
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}
