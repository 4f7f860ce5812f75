package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Sum gives a name to some parts: the same to the same parts wherever the
// master key is the same, and nothing that anybody without it could find out.
type Sum func(parts ...string) string

// Sum gives the sum for one purpose, which is another than for any other: 256
// bits, as base64url.
func (m *Master) Sum(purpose string) Sum {
	key, err := hkdf.Key(sha256.New, m.key(), nil, "gatehouse sum "+purpose, sha256.Size)
	if err != nil {
		panic(err) // only for absurd lengths
	}
	return func(parts ...string) string {
		mac := hmac.New(sha256.New, key)
		mac.Write(bound(parts))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
}
