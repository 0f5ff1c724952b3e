package engine

import "slices"

// index lists the slots of the objects that share a value, in creation order. Most values have one object: its slot then stands in the
// hash itself, and nothing more is kept. New objects come in when somebody asks, for a simulated year makes millions and asks for few.
type index[T any] struct {
	name   string
	value  func(*T) string // noIndex leaves the object out
	table  *table[T]
	known  int       // the slots below are taken in
	values hashed    // a slot, or ^n for the n-th list
	lists  [][]int32 // in creation order, none empty but those that are free
	free   []int32   // lists without a value
}

// noIndex is the value of an object that an index leaves out.
const noIndex = "\x00"

// cell is where a value stands, or -1.
func (ix *index[T]) cell(hash uint32, value string) int {
	return ix.values.find(hash, func(at int32) bool {
		if at < 0 {
			at = ix.lists[^at][0]
		}
		return ix.value(ix.table.objects[at]) == value
	})
}

// refs are the slots of a value.
func (ix *index[T]) refs(value string) []int32 {
	ix.catchUp()
	if ix.values.used == 0 {
		return []int32{}
	}
	cell := ix.cell(hashOf(value), value)
	if cell < 0 {
		return []int32{}
	}
	if at := ix.values.cells[cell].at; at < 0 {
		return ix.lists[^at]
	} else {
		return []int32{at}
	}
}

// catchUp takes in what is new.
func (ix *index[T]) catchUp() {
	for ; ix.known < len(ix.table.objects); ix.known++ {
		obj := ix.table.objects[ix.known]
		if obj == nil {
			continue
		}
		if value := ix.value(obj); value != noIndex {
			ix.add(value, slotOf(ix.known))
		}
	}
}

func (ix *index[T]) add(value string, slot int32) {
	hash := hashOf(value)
	cell := ix.cell(hash, value)
	if cell < 0 {
		ix.values.add(hash, slot)
		return
	}
	at := ix.values.cells[cell].at
	if at >= 0 {
		ix.values.cells[cell].at = ^ix.list(min(at, slot), max(at, slot))
		return
	}
	list := ix.lists[^at]
	if list[len(list)-1] < slot {
		ix.lists[^at] = append(list, slot)
		return
	}
	place, _ := slices.BinarySearch(list, slot)
	ix.lists[^at] = slices.Insert(list, place, slot)
}

// list makes a list of two slots and returns its number.
func (ix *index[T]) list(first, second int32) int32 {
	if n := len(ix.free); n > 0 {
		number := ix.free[n-1]
		ix.free = ix.free[:n-1]
		ix.lists[number] = []int32{first, second}
		return number
	}
	number := slotOf(len(ix.lists))
	ix.lists = append(ix.lists, []int32{first, second})
	return number
}

func (ix *index[T]) drop(value string, slot int32) {
	cell := ix.cell(hashOf(value), value)
	at := ix.values.cells[cell].at
	if at >= 0 {
		ix.values.remove(cell)
		return
	}
	list := ix.lists[^at]
	if len(list) > 1 {
		place, _ := slices.BinarySearch(list, slot)
		ix.lists[^at] = slices.Delete(list, place, place+1)
		return
	}
	ix.values.remove(cell)
	ix.lists[^at] = nil
	ix.free = append(ix.free, ^at)
}
