package clientauth

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

const (
	keysFresh = 10 * time.Minute // fetched again after that
	keysStale = time.Hour        // used that long while the address doesn't answer
	keysPause = time.Minute      // between two attempts at one address (FED-11)
	keysLimit = 1000             // addresses that are remembered (DOS-05)
)

// HTTP sends requests to addresses that clients name. It must bound where they
// may go, as internal/egress does.
type HTTP interface {
	Do(*http.Request) (*http.Response, error)
}

// Keys gives the public keys of clients: those they registered, or those at
// their jwks_uri, which it remembers. A nil *Keys knows the registered ones
// only. It is safe for concurrent use.
type Keys struct {
	http  func(*client.Client) HTTP
	now   func() time.Time
	mu    sync.Mutex
	known map[place]*remote
}

// place is an address of keys. Two clients with one are no reason to ask twice;
// but a client that came by itself does not get what only others reach.
type place struct {
	address  string
	stranger bool
}

// NewKeys makes Keys that fetch by what way gives for a client.
func NewKeys(way func(*client.Client) HTTP, now func() time.Time) *Keys {
	return &Keys{http: way, now: now, known: map[place]*remote{}}
}

// Verify checks a token that c signed, such as an assertion or a request
// object, and decodes its claims; e says what is allowed, its Keys don't
// count. An unknown key makes the client's address be asked once more.
// fault.Denied if c did not sign it, or its keys can't be had.
func (k *Keys) Verify(ctx context.Context, c *client.Client, token string, e jose.Expect, claims any) error {
	const op = "clientauth.Verify"
	set, at, err := k.of(ctx, c, time.Time{})
	if err != nil {
		return fault.At(op, err)
	}
	e.Keys = set
	err = jose.Verify(token, e, claims)
	if errors.Is(err, jose.ErrUnknownKey) && c.JWKSURI != "" {
		if e.Keys, _, err = k.of(ctx, c, at); err != nil {
			return fault.At(op, err)
		}
		err = jose.Verify(token, e, claims)
	}
	return fault.Wrap(fault.Denied, op, err)
}

// holds tells whether a certificate's key is one of the client's.
func (k *Keys) holds(ctx context.Context, c *client.Client, key crypto.PublicKey) (bool, error) {
	set, at, err := k.of(ctx, c, time.Time{})
	if err == nil && !set.Holds(key) && c.JWKSURI != "" {
		set, _, err = k.of(ctx, c, at)
	}
	return err == nil && set.Holds(key), err
}

// of gives the keys of c and when they were fetched. Keys that are not newer
// than the given instant won't do; they come all the same if the pause is not
// over or the address doesn't answer.
func (k *Keys) of(ctx context.Context, c *client.Client, than time.Time) (jose.Set, time.Time, error) {
	const op = "clientauth.Keys"
	if c.JWKSURI == "" {
		return c.JWKS, time.Time{}, nil
	}
	if k == nil {
		return jose.Set{}, time.Time{}, fault.Wrap(fault.Denied, op, errors.New("keys are not fetched here"))
	}
	r := k.remote(place{c.JWKSURI, c.Dynamic})
	if set, at, ok := k.fresh(r, than); ok {
		return set, at, nil
	}
	// One fetches, the others wait for what it brings.
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return jose.Set{}, time.Time{}, fault.Wrap(fault.Unavailable, op, ctx.Err())
	}
	if set, at, ok := k.fresh(r, than); ok {
		return set, at, nil
	}
	why := k.attempt(ctx, k.http(c), r)
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.fetched.IsZero() || k.now().Sub(r.fetched) >= keysStale {
		return jose.Set{}, time.Time{}, fault.Wrap(fault.Denied, op, why)
	}
	return r.set, r.fetched, nil
}

// fresh gives the keys if they are new enough.
func (k *Keys) fresh(r *remote, than time.Time) (jose.Set, time.Time, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ok := r.fetched.After(than) && k.now().Sub(r.fetched) < keysFresh
	return r.set, r.fetched, ok
}
