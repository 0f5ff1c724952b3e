package engine

import (
	"hash/maphash"
	"math/bits"
)

// hashed finds whole numbers by the hash of a text that the caller knows how to read from a number. It holds no text and no pointer, so a
// million entries cost 13 bytes each and the garbage collector nothing. Its inner order is never seen: only lookups are made.
type hashed struct {
	cells []cell // a power of two of them, probed one after the other
	used  int
}

// cell is one entry; the zero cell is free.
type cell struct {
	hash uint32 // never 0 when the cell is taken
	at   int32
}

// cellsMin is the size of the first set of cells.
const cellsMin = 8

// hashSeed differs between runs. No answer depends on it.
var hashSeed = maphash.MakeSeed()

// hashOf is the hash of a text, never 0.
func hashOf(text string) uint32 { return uint32(maphash.String(hashSeed, text)>>32) | 1 }

// home is where the search for a hash begins. The lowest bit says nothing, so it is left out.
func (h *hashed) home(hash uint32) int { return int(hash>>1) & (len(h.cells) - 1) }

// find is the cell of the entry with this hash that is the one meant, or -1.
func (h *hashed) find(hash uint32, meant func(at int32) bool) int {
	if h.used == 0 {
		return -1
	}
	for i := h.home(hash); h.cells[i].hash != 0; i = (i + 1) & (len(h.cells) - 1) {
		if h.cells[i].hash == hash && meant(h.cells[i].at) {
			return i
		}
	}
	return -1
}

// add takes in an entry that is not there yet.
func (h *hashed) add(hash uint32, at int32) {
	if 4*(h.used+1) > 3*len(h.cells) {
		h.grow()
	}
	h.used++
	h.insert(cell{hash, at})
}

func (h *hashed) insert(c cell) {
	i := h.home(c.hash)
	for h.cells[i].hash != 0 {
		i = (i + 1) & (len(h.cells) - 1)
	}
	h.cells[i] = c
}

func (h *hashed) grow() {
	old := h.cells
	h.cells = make([]cell, max(cellsMin, 2*len(old)))
	for _, c := range old {
		if c.hash != 0 {
			h.insert(c)
		}
	}
}

// remove frees a cell and moves those behind it up, so that every search still reaches its entry.
func (h *hashed) remove(hole int) {
	h.used--
	mask := len(h.cells) - 1
	for i := (hole + 1) & mask; h.cells[i].hash != 0; i = (i + 1) & mask {
		if home := h.home(h.cells[i].hash); (i-home)&mask >= (i-hole)&mask { // its search passes the hole
			h.cells[hole] = h.cells[i]
			hole = i
		}
	}
	h.cells[hole] = cell{}
}

// slotBits is what a table's slots and the numbers of an index's lists fit into.
const slotBits = 31

// slot makes a slot of a count that is known to be small enough.
func slotOf(count int) int32 {
	if bits.Len(uint(count)) > slotBits {
		panic("engine: a table is full")
	}
	return int32(count)
}
