package service

import (
	"syscall"
	"unsafe"
)

// hugePage is how much memory one entry of the processor's tables can stand for, on amd64 and on arm64 as they are run as a rule.
const hugePage = 2 << 20

// askHugePages asks the system to back what of b lies in whole huge pages with these. Answers about a million accounts lie in half a million pages of
// the usual size, far more than a processor remembers, and on a virtual machine each is looked for in two tables one after the other. Where the system
// does not have them, or keeps them for others, nothing is lost: it is advice.
func askHugePages(b []byte) {
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	from := -begin & (hugePage - 1)
	to := (begin+uintptr(len(b)))&^(hugePage-1) - begin
	if uintptr(len(b)) < from+hugePage {
		return
	}
	_ = syscall.Madvise(b[from:to], syscall.MADV_HUGEPAGE)
}
