// Package seal encrypts what leaves the program and must come back unchanged
// and unread: the state of a login under way, a provider's memo, private keys
// at rest.
//
// It owns the format (one version byte, XChaCha20-Poly1305, base64url) and the
// derivation of one key per purpose from the master key. It does not own the
// master key's file (package keys) nor what is sealed.
package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeySize is the length of a master key in bytes.
const KeySize = 32

// version is the first byte of everything sealed: a later format gets the next
// number, so that old seals are refused for what they are.
const version = 1

// ErrBroken is the only error of [Box.Open]: the text was not sealed by this
// box for these bindings, or was changed since.
var ErrBroken = errors.New("not sealed here")

// Master is the key from which every other one is derived. It prints as
// REDACTED, also inside another struct whose fields fmt can't ask: the key is
// in a closure, which has nothing to print.
type Master struct{ key func() []byte }

// NewMaster copies key. It refuses keys of another length and keys whose bytes
// are all equal, as sample configurations have them (COO-12).
func NewMaster(key []byte) (*Master, error) {
	if len(key) != KeySize {
		return nil, errors.New("the master key must have 32 bytes")
	}
	same := true
	for _, b := range key {
		same = same && b == key[0]
	}
	if same {
		return nil, errors.New("the master key must be random")
	}
	own := bytes.Clone(key)
	return &Master{key: func() []byte { return own }}, nil
}

// String implements fmt.Stringer without giving the key away.
func (*Master) String() string { return "REDACTED" }

// GoString does the same for %#v.
func (*Master) GoString() string { return "REDACTED" }

// MarshalText does the same for encoders.
func (*Master) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

// Box gives the box for one purpose. What is sealed for one purpose can't be
// opened for another.
func (m *Master) Box(purpose string) *Box {
	key, err := hkdf.Key(sha256.New, m.key(), nil, "gatehouse "+purpose, chacha20poly1305.KeySize)
	if err != nil {
		panic(err) // only for absurd lengths
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // only for a wrong key size
	}
	return &Box{aead: aead}
}

// Box seals and opens for one purpose. It is safe for concurrent use.
//
// The 192-bit nonce is random, so that one key may seal as often as anonymous
// visitors want without a nonce ever repeating.
type Box struct{ aead cipher.AEAD }

// Seal encrypts plain and binds it to the bindings (a cookie's name, a row's
// key), which Open must be given again. The result is base64url.
func (b *Box) Seal(plain []byte, bindings ...string) string {
	size := 1 + b.aead.NonceSize()
	out := make([]byte, size, size+len(plain)+b.aead.Overhead())
	out[0] = version
	rand.Read(out[1:]) // never fails: crypto/rand ends the program instead
	out = b.aead.Seal(out, out[1:size], plain, bound(bindings))
	return base64.RawURLEncoding.EncodeToString(out)
}

// Open gives back what Seal was given, or [ErrBroken]. Exactly one text opens
// to a sealing: line breaks, which the decoder would skip, are refused.
func (b *Box) Open(text string, bindings ...string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	size := 1 + b.aead.NonceSize()
	if err != nil || strings.ContainsAny(text, "\r\n") || len(raw) < size+b.aead.Overhead() || raw[0] != version {
		return nil, ErrBroken
	}
	plain, err := b.aead.Open(nil, raw[1:size], raw[size:], bound(bindings))
	if err != nil {
		return nil, ErrBroken
	}
	return plain, nil
}

// bound joins bindings so that ("a", "bc") and ("ab", "c") differ.
func bound(bindings []string) []byte {
	out := []byte{version}
	for _, s := range bindings {
		n := len(s)
		out = append(out, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		out = append(out, s...)
	}
	return out
}
