package proof_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/proof"
)

// BenchmarkOf is what a proof costs, its mark in memory included.
func BenchmarkOf(b *testing.B) {
	w := newWorld(b, inMemory)
	w.Nonces = w.nonces(0)
	at := proof.At{URL: endpoint, Nonce: true}
	proofs := make([]string, b.N)
	for i := range proofs {
		proofs[i] = w.proof("nonce", w.Nonces.New())
	}
	b.ResetTimer()
	for _, p := range proofs {
		if _, err := w.Of(request(p), at); err != nil {
			b.Fatal(err)
		}
	}
}
