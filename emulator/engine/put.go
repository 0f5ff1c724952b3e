package engine

import "reflect"

// put stores a new object or the next state of one, without an event.
func put[T any](t *tx, obj *T) { tableOf[T](t.world).put(t, obj) }

// create stores a new object and emits its event.
func create[T any](t *tx, event string, obj *T) *T {
	put(t, obj)
	t.emit(event, obj)
	return obj
}

// createNew is create for an object whose id was just drawn: nobody need look for an earlier state.
func createNew[T any](t *tx, tb *table[T], event string, obj *T) *T {
	tb.add(t, obj)
	t.emit(event, obj)
	return obj
}

// update stores the next state of an object and emits its event with the state before. Nothing happens when nothing changed.
func update[T any](t *tx, event string, before, after *T) *T {
	if reflect.DeepEqual(before, after) {
		return before
	}
	put(t, after)
	t.emitChange(event, before, after)
	return after
}

// must finds an object that another one refers to: its absence is a bug.
func must[T any](t *tx, id string) *T {
	obj, ok := Get[T](t.world, id)
	if !ok {
		panic("engine: dangling reference " + id)
	}
	return obj
}
