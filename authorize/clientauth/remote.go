package clientauth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

const (
	fetchTime = 5 * time.Second
	fetchMax  = 64 << 10
)

// remote is what is known of one address. Keys.mu guards all but the turn.
type remote struct {
	turn    chan struct{} // full while somebody fetches
	address string
	made    time.Time
	set     jose.Set
	fetched time.Time // when set came; zero: never
	tried   time.Time
	failure error     // of the last attempt
	used    time.Time // when a key of set last proved something; zero: never
}

// memory is where the address of a client's keys is remembered. The caller has
// the lock.
func (k *Keys) memory(c *client.Client) map[string]*remote {
	switch {
	case c.Host() != "":
		return k.documented
	case c.Dynamic:
		return k.registered
	}
	return k.known
}

// remote finds or makes the entry of a client's address. One that a stranger
// brings it makes only with the permit to fetch: done is not nil then, and the
// caller has the turn. So what is refused (fault.Throttled) pushes nothing out.
func (k *Keys) remote(ctx context.Context, c *client.Client) (r *remote, done func(), err error) {
	asker := k.Asker(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	in := k.memory(c)
	if r := in[c.JWKSURI]; r != nil {
		return r, nil, nil
	}
	r = &remote{turn: make(chan struct{}, 1), address: c.JWKSURI, made: k.Now()}
	if c.Dynamic {
		if done, err = k.ration.Take(asker, client.Origin(c.JWKSURI)); err != nil {
			return nil, nil, err
		}
		r.turn <- struct{}{}
	}
	if len(in) >= keysLimit {
		var worst *remote
		for _, r := range in {
			if worst == nil || r.worse(worst) {
				worst = r
			}
		}
		delete(in, worst.address)
	}
	in[c.JWKSURI] = r
	return r, done, nil
}

// worse tells whether r is to be forgotten rather than other: first what never
// brought keys, then what never proved anything, each from the oldest attempt on,
// and what did so last.
func (r *remote) worse(other *remote) bool {
	vain := func(r *remote) bool { return r.fetched.IsZero() && r.failure != nil }
	if vain(r) != vain(other) {
		return vain(r)
	}
	return r.worth().Before(other.worth())
}

// worth orders entries: who is in use counts as tried as long from now as that
// lasts.
func (r *remote) worth() time.Time {
	at := r.made
	if r.tried.After(at) {
		at = r.tried
	}
	if used := r.used.Add(keysInUse); !r.used.IsZero() && used.After(at) {
		at = used
	}
	return at
}

// use notes that a client proved something by its keys.
func (k *Keys) use(c *client.Client) {
	if k == nil || c.JWKSURI == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.memory(c)[c.JWKSURI]; r != nil {
		r.used = k.Now()
	}
}

// permit lets the keys of an entry be fetched once more. Clients that are known
// here need none, and neither do strangers that are at work; the address of any
// other stranger counts against who asks.
func (k *Keys) permit(ctx context.Context, c *client.Client, r *remote) (done func(), err error) {
	k.mu.Lock()
	used := !r.used.IsZero() && k.Now().Before(r.used.Add(keysInUse))
	k.mu.Unlock()
	switch {
	case !c.Dynamic:
		return func() {}, nil
	case !used:
		return k.ration.Take(k.Asker(ctx), client.Origin(c.JWKSURI))
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	return k.ration.Use(ctx)
}

// attempt fetches the keys, unless the last attempt was a moment ago, and gives
// the reason if there are none. The caller has the turn, and may have a permit.
func (k *Keys) attempt(ctx context.Context, c *client.Client, r *remote, done func()) (err error) {
	k.mu.Lock()
	now, tried, failure := k.Now(), r.tried, r.failure
	k.mu.Unlock()
	if !tried.IsZero() && now.Sub(tried) < keysPause {
		return failure
	}
	if done == nil {
		if done, err = k.permit(ctx, c, r); err != nil {
			return err
		}
	}
	defer done()
	set, err := fetch(ctx, k.HTTP(c), r.address)
	k.mu.Lock()
	defer k.mu.Unlock()
	r.tried, r.failure = now, err
	if err == nil {
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
