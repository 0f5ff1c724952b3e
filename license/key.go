package license

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
)

// privatePrefix keeps a private key from being taken for a public one.
const privatePrefix = "dlsk_"

// EncodePrivateKey writes a private key as a line of text, for the seller's own configuration and for nobody else.
func EncodePrivateKey(key ed25519.PrivateKey) string {
	return privatePrefix + base64.RawURLEncoding.EncodeToString(key.Seed())
}

// ParsePrivateKey reads a private key as EncodePrivateKey writes it. Its error does not repeat the text.
func ParsePrivateKey(text string) (ed25519.PrivateKey, error) {
	encoded, ok := strings.CutPrefix(text, privatePrefix)
	seed, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("license: this is not a private key: it begins with %s", privatePrefix)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
