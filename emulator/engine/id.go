package engine

import (
	"crypto/sha256"
	"encoding/binary"
)

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// characters draws n characters from the world's deterministic source.
func (w *World) characters(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		w.counter++
		out = appendCharacters(out, w.seed, w.counter, n)
	}
	return string(out)
}

// fixedCharacters are n characters that depend on the seed and the label only.
func (w *World) fixedCharacters(label string, n int) string {
	var out []byte
	for i := uint64(0); len(out) < n; i++ {
		out = appendCharacters(out, w.seed+"\x00"+label, i, n)
	}
	return string(out)
}

// appendCharacters adds characters of one hash block until there are n.
func appendCharacters(out []byte, seed string, counter uint64, n int) []byte {
	block := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(seed), counter))
	for _, b := range block {
		if len(out) == n {
			break
		}
		if b < 248 { // 4 × 62: every character equally likely
			out = append(out, alphabet[b%62])
		}
	}
	return out
}

// timeCharacters are five characters that name a second, so that ids of one account sort roughly by time.
func timeCharacters(unix int64) string {
	var out [5]byte
	n := uint64(unix)
	for i := 4; i >= 0; i-- {
		out[i] = alphabet[n%62]
		n /= 62
	}
	return string(out[:])
}

// long makes an id of 24 characters after the prefix: a digit, the time, the account, and eight drawn ones.
func (t *tx) long(prefix string) string {
	return prefix + "1" + timeCharacters(t.now) + t.world.account + t.world.characters(8)
}

// payment makes the id of an object of the payments side. A charge, refund or balance transaction shares the first sixteen characters with
// its PaymentIntent: pass that as parent, or "" for a PaymentIntent itself.
func (t *tx) payment(prefix, parent string) string {
	stem := "3" + timeCharacters(t.now) + t.world.account
	if len(parent) >= 19 {
		stem = parent[3:19]
	}
	return prefix + stem + t.world.characters(8)
}

// short makes an id of 14 drawn characters after the prefix (customers, products, subscription items).
func (t *tx) short(prefix string) string { return prefix + t.world.characters(14) }

// secret makes a client secret for the intent with the given id.
func (t *tx) secret(id string, n int) string { return id + "_secret_" + t.world.characters(n) }

// capitals draws n characters of A-Z and 0-9 (invoice prefixes).
func (t *tx) capitals(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		for _, c := range []byte(t.world.characters(n)) {
			if len(out) < n && (c < 'a' || c > 'z') {
				out = append(out, c)
			}
		}
	}
	return string(out)
}
