package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// dumpedTable is a table as data: its live rows in creation order.
type dumpedTable struct {
	Kind string
	Rows []any
}

func (tb *table[T]) dump() dumpedTable {
	d := dumpedTable{Kind: tb.kind}
	tb.each("", "", func(obj *T) bool { d.Rows = append(d.Rows, obj); return true })
	return d
}

// dumpedWorld is everything a world knows, as data.
type dumpedWorld struct {
	Seed, Account    string
	Settings         Settings
	Offset, Now      int64
	Counter, Created uint64
	EventSeq         int64
	Tables           []dumpedTable
	Timers           []Timer
}

// Dump is the whole state as JSON, the same for equal worlds.
func (w *World) Dump() []byte {
	d := dumpedWorld{
		Seed: w.seed, Account: w.signature.account, Settings: w.settings, Offset: w.offset, Now: w.now, Counter: w.counter, Created: w.created,
		EventSeq: w.LastEventSeq(), Timers: w.timers.sorted(),
	}
	for _, tb := range w.tables.list {
		d.Tables = append(d.Tables, tb.dump())
	}
	out, err := json.Marshal(d)
	if err != nil {
		panic("engine: state that is no JSON: " + err.Error())
	}
	return out
}

// Digest names the whole state in 64 hexadecimal characters: two worlds with equal digests are equal.
func (w *World) Digest() string {
	sum := sha256.Sum256(w.Dump())
	return hex.EncodeToString(sum[:])
}
