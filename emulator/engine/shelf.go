package engine

import (
	"reflect"
	"strings"
)

// shelf makes the objects of a kind that a world makes many of and keeps: many at once cost less time than one by one, and lie closer. It
// is for states that an event or a table keeps for good, since one that stays keeps its neighbours.
type shelf[T any] struct {
	free []T
	made int // how many the last block had
}

const (
	shelfFirst = 4             // objects of the first block: most worlds are small
	shelfBytes = 32<<10 - 1<<3 // a block at most: the runtime's largest size for small objects, less its header
)

// one is a new object.
func (s *shelf[T]) one() *T {
	if len(s.free) == 0 {
		s.made = min(max(shelfFirst, 2*s.made), shelfBytes/int(reflect.TypeFor[T]().Size()))
		s.free = make([]T, s.made)
	}
	obj := &s.free[0]
	s.free = s.free[1:]
	return obj
}

// next is a copy of an object, to become its next state.
func (s *shelf[T]) next(obj *T) *T {
	out := s.one()
	*out = *obj
	return out
}

// number keeps a number that an object points to.
func (m *memory) number(n int64) *int64 {
	kept := m.numbers.one()
	*kept = n
	return kept
}

// memory is what a world works with that is no state of it.
type memory struct {
	texts     strings.Builder // where the ids stand that were made last
	lines     shelf[InvoiceLine]
	occasions shelf[occasion]
	numbers   shelf[int64]
	terms     *InvoiceTerms // that somebody filled in and found to say nothing new
	costs     costs
	passing   passing
}
