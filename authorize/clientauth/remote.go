package clientauth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

const (
	fetchTime = 5 * time.Second
	fetchMax  = 64 << 10
)

// remote is what is known of one address. Keys.mu guards all but the turn.
type remote struct {
	turn    chan struct{} // full while somebody fetches
	place   place
	set     jose.Set
	fetched time.Time // when set came; zero: never
	tried   time.Time
	failure error // of the last attempt
}

// remote finds the entry of an address. When there are too many, the one that
// was asked longest ago is forgotten.
func (k *Keys) remote(at place) *remote {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.known[at]; r != nil {
		return r
	}
	if len(k.known) >= keysLimit {
		var oldest *remote
		for _, r := range k.known {
			if oldest == nil || r.tried.Before(oldest.tried) {
				oldest = r
			}
		}
		delete(k.known, oldest.place)
	}
	r := &remote{turn: make(chan struct{}, 1), place: at}
	k.known[at] = r
	return r
}

// attempt fetches the keys, unless the last attempt was a moment ago, and gives
// the reason if there are none. The caller has the turn.
func (k *Keys) attempt(ctx context.Context, way HTTP, r *remote) error {
	k.mu.Lock()
	now, failure := k.now(), r.failure
	paused := !r.tried.IsZero() && now.Sub(r.tried) < keysPause
	if !paused {
		r.tried = now
	}
	k.mu.Unlock()
	if paused {
		return failure
	}
	set, err := fetch(ctx, way, r.place.address)
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.failure = err; err == nil {
		r.set, r.fetched = set, now
	}
	return err
}

// fetch reads a key set. Whoever asked first may go away meanwhile: others wait
// for the answer.
func fetch(ctx context.Context, way HTTP, address string) (jose.Set, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return jose.Set{}, errors.New("jwks_uri is no address")
	}
	r.Header.Set("Accept", "application/jwk-set+json, application/json")
	answer, err := way.Do(r)
	if err != nil {
		return jose.Set{}, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return jose.Set{}, errors.New("jwks_uri answers " + http.StatusText(answer.StatusCode))
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, fetchMax+1)) // one more: the parser refuses it
	if err != nil {
		return jose.Set{}, err
	}
	return jose.ParseSet(raw)
}
