package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Ids are drawn eight characters at a time. Each group is a counter, scattered over all groups there are by a permutation that the seed
// chooses: two draws of a world are never the same, which random characters could not promise when a hundred thousand objects are made in
// one second, and a draw costs no hash.

// group is how many characters one count makes, groups how many of them there are.
const (
	group  = 8
	groups = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62
)

// scatter is a permutation of the numbers below groups: four rounds of a Feistel network over 48 bits, walked on until it falls below.
type scatter [4]uint64

func newScatter(seed string) scatter {
	var s scatter
	key := sha256.Sum256([]byte(seed))
	for i := range s {
		s[i] = binary.BigEndian.Uint64(key[8*i:])
	}
	return s
}

// halfBits are the bits of one half of the network.
const halfBits = 24

// of is the number in the place of n.
func (s *scatter) of(n uint64) uint64 {
	for {
		left, right := n>>halfBits, n&(1<<halfBits-1)
		for i := range s {
			left, right = right, left^s.mixed(i, right)
		}
		if n = left<<halfBits | right; n < groups {
			return n
		}
	}
}

// mixed is what a round makes of one half.
func (s *scatter) mixed(round int, half uint64) uint64 {
	mixed := (half ^ s[round]) * 0x9E3779B97F4A7C15 // the mixing of SplitMix64
	mixed = (mixed ^ mixed>>29) * 0xBF58476D1CE4E5B9
	return mixed >> (64 - halfBits)
}

// back is the number that stands in the place of n: what of makes of it is n.
func (s *scatter) back(n uint64) uint64 {
	for {
		left, right := n>>halfBits, n&(1<<halfBits-1)
		for i := len(s) - 1; i >= 0; i-- {
			left, right = right^s.mixed(i, left), left
		}
		if n = left<<halfBits | right; n < groups {
			return n
		}
	}
}

// signature is what the ids of one account have in common.
type signature struct {
	scatter scatter // makes ids of counts
	account string  // the characters that they share
}

// appendGroup appends the first n characters of a draw.
func (s *signature) appendGroup(out []byte, draw uint64, n int) []byte {
	value, characters := s.scatter.of(draw), [group]byte{}
	for i := group - 1; i >= 0; i-- {
		characters[i] = alphabet[value%62]
		value /= 62
	}
	return append(out, characters[:n]...)
}

// drawOf is the draw that the last characters of an id stand for.
func (s *signature) drawOf(id string) (uint64, bool) {
	if len(id) < group {
		return 0, false
	}
	value := uint64(0)
	for _, c := range []byte(id[len(id)-group:]) {
		digit := digitOf[c]
		if digit < 0 {
			return 0, false
		}
		value = 62*value + uint64(digit)
	}
	return s.scatter.back(value), true
}

// digitOf are the values of the characters of the alphabet, -1 for all others.
var digitOf = func() (out [256]int8) {
	for c := range out {
		out[c] = int8(strings.IndexByte(alphabet, byte(c)))
	}
	return out
}()

// stamp begins an id of 24 characters: the side, the time, the account. A draw completes it.
func (s *signature) stamp(out []byte, side byte, at int64) []byte {
	return append(appendTime(append(out, side), at), s.account...)
}

// appendCharacters draws n characters.
func (w *World) appendCharacters(out []byte, n int) []byte {
	for n > 0 {
		w.counter++
		out = w.signature.appendGroup(out, w.counter, min(n, group))
		n -= group
	}
	return out
}

// textBlock is how much memory is taken for the next ids at once: one by one they cost more time than to draw them.
const textBlock = 4096

// text keeps a new id.
func (w *World) text(id []byte) string {
	texts := &w.memory.texts
	if texts.Cap()-texts.Len() < len(id) {
		*texts = strings.Builder{}
		texts.Grow(textBlock)
	}
	from := texts.Len()
	texts.Write(id)
	return texts.String()[from:]
}

// charactersMax is more than any id or secret has.
const charactersMax = 128

// characters draws n characters from the world's deterministic source.
func (w *World) characters(n int) string {
	var buffer [charactersMax]byte
	return string(w.appendCharacters(buffer[:0], n))
}

// fixedCharacters are n characters that depend on the seed and the label only.
func (w *World) fixedCharacters(label string, n int) string {
	out := make([]byte, 0, n)
	for i := uint64(0); len(out) < n; i++ {
		block := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(w.seed+"\x00"+label), i))
		for _, b := range block {
			if b < 248 && len(out) < n { // 4 × 62: every character equally likely
				out = append(out, alphabet[b%62])
			}
		}
	}
	return string(out)
}

// appendTime adds five characters that name a second, so that ids of one account sort roughly by time.
func appendTime(out []byte, unix int64) []byte {
	var characters [5]byte
	n := uint64(unix)
	for i := 4; i >= 0; i-- {
		characters[i] = alphabet[n%62]
		n /= 62
	}
	return append(out, characters[:]...)
}

// Ids of 24 characters begin with a digit that tells the side they are of.
const (
	billingSide = '1'
	paymentSide = '3'
)

// stamped makes an id of 24 characters after the prefix: the side, the time, the account, and eight drawn ones.
func (t *tx) stamped(prefix string, side byte) string {
	var buffer [charactersMax]byte
	out := t.world.signature.stamp(append(buffer[:0], prefix...), side, t.now)
	return t.world.text(t.world.appendCharacters(out, group))
}

// long makes an id of 24 characters after the prefix.
func (t *tx) long(prefix string) string { return t.stamped(prefix, billingSide) }

// payment makes the id of an object of the payments side. A charge, refund or balance transaction shares the first sixteen characters with
// its PaymentIntent: pass that as parent, or "" for a PaymentIntent itself.
func (t *tx) payment(prefix, parent string) string {
	if len(parent) < 19 {
		return t.stamped(prefix, paymentSide)
	}
	var buffer [charactersMax]byte
	return t.world.text(t.world.appendCharacters(append(append(buffer[:0], prefix...), parent[3:19]...), group))
}

// short makes an id of 14 drawn characters after the prefix (customers, products, subscription items).
func (t *tx) short(prefix string) string {
	var buffer [charactersMax]byte
	return t.world.text(t.world.appendCharacters(append(buffer[:0], prefix...), 14))
}

// secret makes a client secret for the intent with the given id.
func (t *tx) secret(id string, n int) string {
	var buffer [charactersMax]byte
	return t.world.text(t.world.appendCharacters(append(append(buffer[:0], id...), "_secret_"...), n))
}

// capitals draws n characters of A-Z and 0-9 (invoice prefixes).
func (t *tx) capitals(n int) string {
	out, buffer := make([]byte, 0, n), [charactersMax]byte{}
	for len(out) < n {
		for _, c := range t.world.appendCharacters(buffer[:0], n) {
			if len(out) < n && (c < 'a' || c > 'z') {
				out = append(out, c)
			}
		}
	}
	return string(out)
}
