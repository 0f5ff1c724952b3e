package engine

// Clone is a world of its own that is equal to this one to the byte, and stays what it is when this one goes on. Objects never change, so both
// hold the same ones: a clone costs what the tables cost, not what the objects do.
func (w *World) Clone() *World {
	c := New(w.seed, w.settings)
	t := c.begin(worldLine, w.now, Request{})
	for i, tb := range w.tables.list {
		tb.copyTo(t, c.tables.list[i])
		t.commit()
	}
	c.signature, c.now, c.forked = w.signature, w.now, w.forked
	c.offset, c.jumped, c.counter, c.created = w.offset, w.jumped, w.counter, w.created
	c.timers.seq = w.timers.seq
	for _, timer := range w.timers.sorted() {
		c.timers.add(&timer)
	}
	return c
}

func (tb *table[T]) copyTo(t *tx, other anyTable) {
	target, ok := other.(*table[T])
	if !ok {
		panic("engine: the tables of two worlds stand in another order")
	}
	tb.each("", "", func(obj *T) bool { target.put(t, obj); return true })
}

// Reseed makes another account of a world: what is there keeps its ids, and what comes gets ids that no other world draws.
func (w *World) Reseed(seed string) {
	w.seed, w.forked = seed, true
	w.sign()
}

// Forked says whether the world holds objects of another account under the ids that they have there.
func (w *World) Forked() bool { return w.forked }

// Rebase makes the world's time go on from where it stands when the wall time is at: a world that was kept for an hour does not live
// through that hour.
func (w *World) Rebase(at int64) { w.offset = w.now - at }

// Reached is the latest time on the world's own line that it has lived through.
func (w *World) Reached() int64 { return w.now }
