package keys_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
	"github.com/gatehouse-auth/gatehouse/store"
)

// What a first database holds: a key, sealed with the master key of the test,
// and a token that it signed. Neither may ever be written anew.
const (
	firstKID    = "e-Hx7ipEjeH7nRLUu1mq7AxW91xPEl1cvW7JL5kr4Ts"
	firstSealed = "AQY8YE8_fqbC8p_958TByvk_YmckwjahC3ucaun6m8VapwtiiAvLC6Mzna7mxwY465NzKlIK-y3Eair_DRgsg0usjTXz3nLHvz4Zps3cYOHkoAv2YVCbHFkpH_twN4KyQ7an96lal3hc4acDKukcOFGhW4UVQWXZKGgGzVUMiXNQ4EEj_4v1W84DgjvwafQYjQHdPTUOqAZmBWGcHnYp9h4_IygCL7G37iqKoICcRxegz22hwqLKdr97cDzDix6zBKtgE9NrirIpiOugYt_ufKm2HU9391Mfcurw6DD6X6TEXKJiIwlR9vJR39N6SW-1WD2q98Tga9Y"
	firstToken  = "eyJhbGciOiJFZERTQSIsImtpZCI6ImUtSHg3aXBFamVIN25STFV1MW1xN0F4VzkxeFBFbDFjdlc3Skw1a3I0VHMiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJ1cyJ9.qZe00N9PpLN2YYeALrwvrHvKwYOtyHdIoInFSv32NFCEoU4RIvjUQLjKGa-zT4qs0clkJrqVUuYDMb8pzzpxAg"
)

// TestFirstDatabase: a database of the first program keeps its key, and gets
// those of the other algorithms beside it.
func TestFirstDatabase(t *testing.T) {
	w := newWorld(t)
	var err error
	if w.master, err = seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv")); err != nil {
		t.Fatal(err)
	}
	err = w.records.Update(t.Context(), func(tx store.Tx) error {
		now := w.clock.Now().UnixMilli()
		_, err := tx.Exec(`INSERT INTO signing_keys (kid, alg, sealed, created, announced, active, retired) VALUES ($1, $2, $3, $4, $4, $4, 0)`,
			firstKID, jose.EdDSA, firstSealed, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := w.ring(jose.ES256, jose.EdDSA)
	w.maintain(r)
	if err := r.Verify(t.Context(), firstToken, "JWT", &claims{}); err != nil {
		t.Error(err)
	}
	if kid := kidOf(t, w.sign(r, jose.EdDSA)); kid != firstKID {
		t.Errorf("%s signs", kid)
	}
	if got := w.states(r); got != "active active" {
		t.Errorf("states %q", got)
	}
}

// TestOneFirstKey: everybody needs the first key of an algorithm at once, in
// two processes, and gets the same.
func TestOneFirstKey(t *testing.T) {
	w := newWorld(t)
	settings := keys.Settings{Algs: []string{jose.ES256, jose.EdDSA}, Early: []string{jose.ES256}}
	a := keys.New(w.records, w.master, keys.Options{Now: w.clock.Now, Settings: settings})
	b := keys.New(w.records, w.master, keys.Options{Now: w.clock.Now, Settings: settings})
	var kids [64]string
	var wg sync.WaitGroup
	for i := range kids {
		wg.Go(func() {
			r := a
			if i%2 == 1 {
				r = b
			}
			token, err := r.Sign(t.Context(), jose.EdDSA, "JWT", claims{"us"})
			if err != nil {
				t.Error(err)
				return
			}
			kids[i] = kidOf(t, token)
		})
	}
	wg.Wait()
	for _, kid := range kids {
		if kid != kids[0] {
			t.Fatalf("%s and %s sign", kid, kids[0])
		}
	}
}

// full is a database to which nothing can be written.
type full struct {
	store.Records
	now atomic.Bool
}

func (f *full) Update(ctx context.Context, do func(store.Tx) error) error {
	if f.now.Load() {
		return fault.Wrap(fault.Unavailable, "test", errors.New("the disk is full"))
	}
	return f.Records.Update(ctx, do)
}

// TestFullDisk: what is there goes on signing and verifying when a successor is
// due and can't be stored.
func TestFullDisk(t *testing.T) {
	w := newWorld(t)
	disk := &full{Records: w.records}
	w.records = disk
	r := w.ring()
	disk.now.Store(true)
	if _, err := r.Sign(t.Context(), jose.EdDSA, "JWT", claims{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without any key: %v", err)
	}
	disk.now.Store(false)
	first := kidOf(t, w.sign(r, jose.EdDSA))
	disk.now.Store(true)
	w.clock.Add(80 * day)
	if err := r.Maintain(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody is told: %v", err)
	}
	w.expect(r, first, 1, "active")
	w.clock.Add(20 * day)
	w.expect(r, first, 1, "active")
	disk.now.Store(false)
	w.maintain(r)
	w.expect(r, first, 2, "active announced")
}
