package clientauth_test

import (
	"net/url"
	"testing"
)

// BenchmarkSecret and BenchmarkAssertion are what a client's proof costs.
func BenchmarkSecret(b *testing.B) {
	w := newWorld(b, inMemory)
	p := form("client_id", "wiki", "client_secret", secret1)
	for b.Loop() {
		if got, _ := w.ask(request(), p); got != "wiki" {
			b.Fatal("refused")
		}
	}
}

func BenchmarkAssertion(b *testing.B) {
	w := newWorld(b, inMemory)
	asked := make([]url.Values, b.N)
	for i := range asked {
		asked[i] = w.assert(w.said("keys"))
	}
	b.ResetTimer()
	for _, p := range asked {
		if got, _ := w.ask(request(), p); got != "keys" {
			b.Fatal("refused")
		}
	}
}
