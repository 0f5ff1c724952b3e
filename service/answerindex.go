package service

import "unsafe"

// index says where answers stand. It is a table of its own rather than a map, because a check among a million accounts costs what it waits for memory: a
// map of Go's is asked in four places that follow from one another, and this one in one. Its size never changes, so it makes nobody wait while it
// grows; where a set is full, one of its answers goes. It tells keys apart by a part of them only: whoever asks it looks whether the block is the right one.
// Both cost a reading from the database now and then, and no more.
type index struct {
	sets []indexSet // as many as a power of two
	used int
}

const (
	setSlots = 8
	setBytes = setSlots * 8 // one line of the processor's memory
	// setFor is for how many bytes of answers there is a set. An answer takes some hundreds, so that sets are less than half full as a rule.
	setFor = 1 << 10
)

// indexSet holds keys that end alike, by their upper halves. A slot is free when its tag is 0.
type indexSet struct {
	tags   [setSlots]uint32
	places [setSlots]place
}

func newIndex(answerBytes int) index {
	sets := 1
	for sets < answerBytes/setFor {
		sets *= 2
	}
	x := index{sets: make([]indexSet, sets)}
	askHugePages(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x.sets))), sets*setBytes))
	return x
}

// bytes is what of it has been written to, counted a little high while it fills.
func (x *index) bytes() int { return min(x.used, len(x.sets)) * setBytes }

func (x *index) set(key uint64) *indexSet { return &x.sets[key&uint64(len(x.sets)-1)] }

func tagOf(key uint64) uint32 { return max(1, uint32(key>>32)) }

func (s *indexSet) slot(tag uint32) int {
	for i, t := range s.tags {
		if t == tag {
			return i
		}
	}
	return -1
}

func (x *index) get(key uint64) (at place, found bool) {
	set := x.set(key)
	i := set.slot(tagOf(key))
	if i < 0 {
		return 0, false
	}
	return set.places[i], true
}

// put writes over what the key has, or into a free slot, or over any.
func (x *index) put(key uint64, at place) {
	set, tag := x.set(key), tagOf(key)
	i := set.slot(tag)
	if i < 0 {
		if i = set.slot(0); i >= 0 {
			x.used++
		} else {
			i = int(tag % setSlots)
		}
	}
	set.tags[i], set.places[i] = tag, at
}

func (x *index) drop(key uint64) {
	set := x.set(key)
	if i := set.slot(tagOf(key)); i >= 0 {
		set.tags[i] = 0
		x.used--
	}
}

func (x *index) dropAll() {
	clear(x.sets)
	x.used = 0
}
