package service

import (
	"sync"
	"sync/atomic"
	"time"
)

// recent keeps what was read lately from the store, by key, up to a number of bytes; what nobody has asked for makes room, the oldest first.
// It is made so that nothing old comes back after drop: a value that was being read while its key was dropped is not kept.
//
// Whoever asks only reads here, and marks the value as asked for. Were it moved to the front, everybody would wait for each other, and for long
// when the system takes the processor away from one who is at it.
type recent[K comparable, V any] struct {
	bytesMax int64
	weigh    func(K, V) int64 // bytes that a value takes, its entry included

	mu      sync.RWMutex
	entries map[K]*entry[K, V]
	reading map[K]*readers
	newest  *entry[K, V]
	oldest  *entry[K, V]
	bytes   int64
	over    *atomic.Bool // shared by all entries; dropAll says it, and the next ones share another
}

// entry is a value, between the ones that were kept just after and just before it.
type entry[K comparable, V any] struct {
	key          K
	value        V
	bytes        int64
	readAt       time.Time   // when its reading began
	asked        atomic.Bool // since it was kept, or since it would have had to make room
	gone         atomic.Bool
	over         *atomic.Bool
	newer, older *entry[K, V]
}

// good reports whether the value may be answered with now, by the rule of get. As soon as drop returns it says no.
func (e *entry[K, V]) good(now, heard time.Time) bool {
	if e.dropped() || !fresh(e.readAt, heard, now) {
		return false
	}
	if !e.asked.Load() { // a write would take the line of memory away from the other processors each time
		e.asked.Store(true)
	}
	return true
}

// dropped reports whether the value is kept no more.
func (e *entry[K, V]) dropped() bool { return e.gone.Load() || e.over.Load() }

// readers stand for those who read a key at this moment. They leave the map when the key is dropped, and with that goes their right to keep
// what they find.
type readers struct{ users int }

func newRecent[K comparable, V any](bytesMax int64, weigh func(K, V) int64) *recent[K, V] {
	return &recent[K, V]{bytesMax: bytesMax, weigh: weigh, entries: map[K]*entry[K, V]{}, reading: map[K]*readers{}, over: new(atomic.Bool)}
}

// get returns the entry of a key, nil when there is none that may be answered with now. heard is the moment before which no change was
// missed: what was read earlier is as good as if it had been read then.
func (r *recent[K, V]) get(key K, now, heard time.Time) *entry[K, V] {
	r.mu.RLock()
	e := r.entries[key]
	r.mu.RUnlock()
	if e == nil || !e.good(now, heard) {
		return nil
	}
	return e
}

// fresh reports whether what was read at a moment may be answered with now. The other way round, when clocks are set back, nothing is
// fresh that was read in what is now the future.
func fresh(readAt, heard, now time.Time) bool {
	age := now.Sub(readAt)
	if age < 0 || age >= keptMax {
		return false
	}
	return age < staleMax || now.Sub(heard) < staleMax && !now.Before(heard)
}

// begin says that the caller is about to read the key. It must call end with what it gets.
func (r *recent[K, V]) begin(key K) *readers {
	r.mu.Lock()
	defer r.mu.Unlock()
	mine := r.reading[key]
	if mine == nil {
		mine = &readers{}
		r.reading[key] = mine
	}
	mine.users++
	return mine
}

// end keeps the value that was read, unless its key was dropped meanwhile or keep is false. It returns the entry, nil when it is not kept.
func (r *recent[K, V]) end(key K, mine *readers, value V, readAt time.Time, keep bool) *entry[K, V] {
	r.mu.Lock()
	defer r.mu.Unlock()
	dropped := r.reading[key] != mine
	if mine.users--; mine.users == 0 && !dropped {
		delete(r.reading, key)
	}
	weight := r.weigh(key, value)
	if dropped || !keep || weight > r.bytesMax {
		return nil
	}
	if old := r.entries[key]; old != nil {
		r.remove(old)
	}
	e := &entry[K, V]{key: key, value: value, bytes: weight, readAt: readAt, over: r.over}
	r.entries[key] = e
	r.link(e)
	r.bytes += weight
	r.makeRoom()
	return e
}

// sparedMax bounds how many values are spared at a time, for everybody waits meanwhile.
const sparedMax = 100

// makeRoom removes what nobody has asked for, from the oldest on. What somebody has asked for is spared, as if it had just been kept.
func (r *recent[K, V]) makeRoom() {
	for spared := 0; r.bytes > r.bytesMax; {
		e := r.oldest
		if spared < sparedMax && e.asked.Swap(false) {
			spared++
			r.unlink(e)
			r.link(e)
			continue
		}
		r.remove(e)
	}
}

// drop forgets a key. From then on nobody gets what was read before.
func (r *recent[K, V]) drop(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.reading, key)
	if e := r.entries[key]; e != nil {
		r.remove(e)
	}
}

// dropAll forgets everything.
func (r *recent[K, V]) dropAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.entries)
	clear(r.reading)
	r.over.Store(true)
	r.over = new(atomic.Bool)
	r.newest, r.oldest, r.bytes = nil, nil, 0
}

// size returns how many values are kept, and the bytes they take.
func (r *recent[K, V]) size() (entries int, bytes int64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.entries), r.bytes
}

func (r *recent[K, V]) remove(e *entry[K, V]) {
	e.gone.Store(true)
	delete(r.entries, e.key)
	r.bytes -= e.bytes
	r.unlink(e)
}

// link makes e the newest.
func (r *recent[K, V]) link(e *entry[K, V]) {
	e.newer, e.older = nil, r.newest
	if r.newest != nil {
		r.newest.newer = e
	}
	r.newest = e
	if r.oldest == nil {
		r.oldest = e
	}
}

func (r *recent[K, V]) unlink(e *entry[K, V]) {
	if e.newer == nil {
		r.newest = e.older
	} else {
		e.newer.older = e.older
	}
	if e.older == nil {
		r.oldest = e.newer
	} else {
		e.older.newer = e.newer
	}
}
