package service

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
)

// answers keep what is said about accounts, as the bytes that are sent, each with the moments between which it is true (ADR 8).
//
// A hundred thousand accounts are kept by a process as a rule. Were each a handful of objects that point to one another, the garbage collector
// would follow all of them at each of its turns, which took a quarter of the processor when checks were asked as fast as they can be answered.
// So nothing here has pointers but the segments, some hundreds: an answer is a block of bytes in one of these, and the indexes are maps from numbers to numbers.
//
// A segment is written once, behind what it holds, and is left to the collector as a whole when room is needed, the oldest first: no answer is
// good for longer than keptMax, so which of them was asked for last makes little difference. What get returns may therefore be read for ever.
type answers struct {
	bytesMax     int
	segmentBytes int
	seed         maphash.Seed
	epoch        time.Time // readings are counted from it, so that they are compared by the clock that nobody sets

	mu        sync.RWMutex
	places    index             // by account and part
	customers map[uint64]uint64 // which account is a customer's, both by their sums
	segments  map[uint16][]byte // by number, the full ones and the newest
	oldest    uint16            // number of the oldest segment that there is
	newest    uint16            // number of the segment that is written; after the highest comes 0 again
	slab      []byte            // what segments are cut from
}

// place is where a block begins: the number of its segment, and the steps of blockStep bytes from the segment's beginning.
type place uint32

func placeOf(segment uint16, offset int) place { return place(segment)<<16 | place(offset/blockStep) }

func (p place) segment() uint16 { return uint16(p >> 16) }

func (p place) offset() int { return int(uint16(p)) * blockStep }

// stepped is how far the next block is from one of so many bytes.
func stepped(size int) int { return (size + blockStep - 1) &^ (blockStep - 1) }

// part is one of the things that are said about an account.
type part uint64

const (
	statusPart       part = iota + 1
	entitlementsPart      // as text
	packedPart            // entitlements as packEntitlements writes them
	partsEnd
)

// A block is a header and the account's ID and the answer behind it. The header's fields, each of 8 bytes:
const (
	blockIDBytes   = 8 * iota // length of the ID
	blockTextBytes            // length of the answer
	blockKey                  // of places
	blockCustomer             // of customers
	blockRowRead              // when the account was read, since the epoch
	blockStateRead            // when its customer's state was read, since the epoch
	blockFrom                 // from when the answer is true by the rules, in nanoseconds of Unix time
	blockBy                   // by when it is another one
	blockHeader               // where the ID begins
)

const (
	customerBytes   = 40              // in the index of customers, counted a little high
	blockStep       = 16              // blocks begin at its multiples, so that a place fits into 32 bits
	segmentBytesMax = blockStep << 16 // 1 MiB
	slabBytes       = 16 << 20        // several huge pages (see askHugePages), and several segments
	slabsMin        = 8
	segmentsMin     = 16       // so that making room never forgets more than a part of what is kept
	allAnswersMax   = 16 << 30 // far fewer segments than have numbers
)

func newAnswers(bytesMax int64, epoch time.Time) *answers {
	bytesMax = min(bytesMax, allAnswersMax)
	return &answers{
		bytesMax: int(bytesMax), segmentBytes: min(segmentBytesMax, int(bytesMax)/segmentsMin&^(blockStep-1)), seed: maphash.MakeSeed(), epoch: epoch,
		places: newIndex(int(bytesMax)), customers: map[uint64]uint64{}, segments: map[uint16][]byte{},
	}
}

// accountSum and customerSum name what a block is about. Two that have the same sum displace each other, and accounts are told apart by the ID in the block.
func (a *answers) accountSum(id billing.AccountID) uint64 { return maphash.String(a.seed, string(id)) }

func (a *answers) customerSum(id billing.CustomerID) uint64 {
	return maphash.String(a.seed, string(id))
}

// keyOf spreads the parts of an account over the index: the factor is odd, so two parts of one account never have the same key.
func keyOf(account uint64, p part) uint64 {
	const spread = 0x9e3779b97f4a7c15 // 2^64 by the golden ratio
	return account ^ uint64(p)*spread
}

// get returns what was kept of an account, nil when there is nothing that may be answered with now. heard is as for recent, today is the time by which the
// rules go. What it returns is shared, and not to be written to.
func (a *answers) get(id billing.AccountID, p part, now, heard, today time.Time) []byte {
	key := keyOf(a.accountSum(id), p)
	a.mu.RLock()
	at, found := a.places.get(key)
	segment := a.segments[at.segment()]
	a.mu.RUnlock()
	if !found {
		return nil
	}
	block := segment[at.offset():]
	idEnd := blockHeader + field(block, blockIDBytes)
	if uint64(field(block, blockKey)) != key || string(block[blockHeader:idEnd]) != string(id) {
		return nil
	}
	if !a.fresh(block, blockRowRead, heard, now) || !a.fresh(block, blockStateRead, heard, now) || !holds(block, today) {
		return nil
	}
	end := idEnd + field(block, blockTextBytes)
	return block[idEnd:end:end]
}

func (a *answers) fresh(block []byte, at int, heard, now time.Time) bool {
	return fresh(a.epoch.Add(time.Duration(field(block, at))), heard, now)
}

func holds(block []byte, today time.Time) bool {
	at := nanos(today)
	return field(block, blockFrom) <= at && at < field(block, blockBy)
}

func field(block []byte, at int) int64 { return int64(binary.LittleEndian.Uint64(block[at:])) }

// nanos is a moment as a number. What is further away than numbers reach is as far as they do, so an answer ends early rather than late.
func nanos(at time.Time) int64 {
	switch year := at.Year(); {
	case year < 1700:
		return math.MinInt64
	case year > 2200:
		return math.MaxInt64 - 1
	}
	return at.UnixNano()
}

// put keeps what was said of a verdict, unless one of the facts that it was made of has been dropped or is not kept. Who drops a fact drops it before
// the answers: either it is seen here, or drop comes after and takes the answer away.
func (a *answers) put(p part, of *judged, text []byte) {
	row, state := of.row, of.kept
	if row == nil || state == nil {
		return
	}
	id, customer := of.account.ID, of.account.Customer
	size := blockHeader + len(id) + len(text)
	a.mu.Lock()
	defer a.mu.Unlock()
	if size > a.segmentBytes || row.dropped() || state.dropped() {
		return
	}
	account, owner := a.accountSum(id), a.customerSum(customer)
	by := int64(math.MaxInt64)
	if !of.By.IsZero() {
		by = nanos(of.By)
	}
	at := a.room(size)
	block := a.segments[at.segment()]
	for _, n := range [...]int64{
		int64(len(id)), int64(len(text)), int64(keyOf(account, p)), int64(owner),
		int64(row.readAt.Sub(a.epoch)), int64(state.readAt.Sub(a.epoch)), nanos(of.From), by,
	} {
		block = binary.LittleEndian.AppendUint64(block, uint64(n))
	}
	block = append(append(block, id...), text...)
	a.segments[at.segment()] = block[:stepped(len(block))]
	if other, known := a.customers[owner]; known && other != account {
		a.dropSum(other) // dropOf would not find it any more
	}
	a.places.put(keyOf(account, p), at)
	a.customers[owner] = account
	for a.bytes() > a.bytesMax && a.oldest != a.newest {
		a.forgetOldest()
	}
}

// room returns where a block of that size is to begin: in the newest segment, or in another one.
func (a *answers) room(size int) place {
	segment, begun := a.segments[a.newest]
	if begun && len(segment)+size <= cap(segment) {
		return placeOf(a.newest, len(segment))
	}
	if begun {
		a.newest++
	}
	a.segments[a.newest] = a.cut()
	return placeOf(a.newest, 0)
}

// cut returns room for a segment. Where many are kept it is from a slab, which the collector gives back when the last of its segments is forgotten.
func (a *answers) cut() []byte {
	if !a.slabs() {
		return make([]byte, 0, a.segmentBytes)
	}
	if len(a.slab) < a.segmentBytes {
		a.slab = make([]byte, slabBytes)
		askHugePages(a.slab)
	}
	segment := a.slab[:0:a.segmentBytes]
	a.slab = a.slab[a.segmentBytes:]
	return segment
}

// slabs reports whether so much may be kept that a slab is a small part of it.
func (a *answers) slabs() bool { return a.bytesMax >= slabsMin*slabBytes }

// bytes counts what is cut off a slab and forgotten until the rest of it is, and what has not been cut off yet.
func (a *answers) bytes() int {
	segments := len(a.segments)
	if a.slabs() {
		segments += int(a.oldest) % (slabBytes / segmentBytesMax)
	}
	return segments*a.segmentBytes + len(a.slab) + a.places.bytes() + len(a.customers)*customerBytes
}

// forgetOldest gives the oldest segment back, and all that stands in it.
func (a *answers) forgetOldest() {
	segment := a.segments[a.oldest]
	for at := 0; at < len(segment); {
		block := segment[at:]
		key, owner := uint64(field(block, blockKey)), uint64(field(block, blockCustomer))
		if is, found := a.places.get(key); found && is == placeOf(a.oldest, at) {
			a.places.drop(key)
		}
		if account, known := a.customers[owner]; known && !a.keeps(account) { // what was dropped leaves its customer behind, too
			delete(a.customers, owner)
		}
		at += stepped(int(blockHeader + field(block, blockIDBytes) + field(block, blockTextBytes)))
	}
	delete(a.segments, a.oldest)
	a.oldest++
}

// keeps reports whether anything of an account is kept.
func (a *answers) keeps(account uint64) bool {
	for p := statusPart; p < partsEnd; p++ {
		if _, found := a.places.get(keyOf(account, p)); found {
			return true
		}
	}
	return false
}

// drop forgets an account. From then on nobody gets what was said before.
func (a *answers) drop(id billing.AccountID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dropSum(a.accountSum(id))
}

// dropOf forgets the account of a customer.
func (a *answers) dropOf(customer billing.CustomerID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	owner := a.customerSum(customer)
	if account, known := a.customers[owner]; known {
		a.dropSum(account)
		delete(a.customers, owner)
	}
}

// dropSum leaves the bytes where they are: their segment goes as a whole.
func (a *answers) dropSum(account uint64) {
	for p := statusPart; p < partsEnd; p++ {
		a.places.drop(keyOf(account, p))
	}
}

// dropAll forgets everything.
func (a *answers) dropAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.places.dropAll()
	clear(a.customers)
	clear(a.segments)
	a.oldest, a.newest, a.slab = 0, 0, nil
}

// size returns of how many accounts something is kept, and the bytes that this takes.
func (a *answers) size() (accounts int, bytes int64) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return len(a.customers), int64(a.bytes())
}

// packEntitlements writes the entitlements of a verdict in few bytes. They are the catalogue's features in its order, so these need no names.
func packEntitlements(all []billing.Entitlement) []byte {
	var to []byte
	for _, e := range all {
		enabled := byte(0)
		if e.Enabled {
			enabled = 1
		}
		to = binary.AppendVarint(append(to, enabled), e.Limit)
	}
	return to
}

func unpackEntitlements(c billing.Catalog, from []byte) []billing.Entitlement {
	all := make([]billing.Entitlement, len(c.Features))
	for i, f := range c.Features {
		limit, length := binary.Varint(from[1:])
		all[i] = billing.Entitlement{Feature: f.ID, Type: f.Type, Enabled: from[0] == 1, Limit: limit}
		from = from[1+length:]
	}
	return all
}
