package keys_test

import (
	"encoding/base64"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/keys"
)

func decode(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// BenchmarkSign and BenchmarkVerify measure the ring's share together with the
// signature itself.
func BenchmarkSign(b *testing.B) {
	r := benchRing(b)
	for b.Loop() {
		if _, err := r.Sign(b.Context(), jose.ES256, "JWT", claims{"us"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	r := benchRing(b)
	token, err := r.Sign(b.Context(), jose.ES256, "JWT", claims{"us"})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := r.Verify(b.Context(), token, "JWT", &claims{}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchRing(b *testing.B) *keys.Ring {
	b.Helper()
	w := newWorld(b)
	return keys.New(w.records, w.master, keys.Options{Settings: keys.Settings{Algs: []string{jose.ES256}}})
}
