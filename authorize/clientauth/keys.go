package clientauth

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/ration"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

const (
	keysFresh = 10 * time.Minute // fetched again after that
	keysStale = time.Hour        // used that long while the address doesn't answer
	keysPause = time.Minute      // between two attempts at one address (FED-11)
	keysLimit = 1000             // addresses that are remembered, of clients of each kind (DOS-05)
	keysInUse = 7 * 24 * time.Hour
)

// HTTP sends requests to addresses that clients name. It must bound where they
// may go, as internal/egress does.
type HTTP interface {
	Do(*http.Request) (*http.Response, error)
}

// KeysConfig is what [Keys] are made of.
type KeysConfig struct {
	// HTTP gives the way out to a client's address. Required.
	HTTP func(*client.Client) HTTP
	// Asker names the network for which keys are looked up: what strangers have us
	// fetch is counted against it. Nil: all are one.
	Asker func(context.Context) string
	// Now is the clock. Required.
	Now func() time.Time
}

// Keys gives the public keys of clients: those they registered, or those at
// their jwks_uri, which it remembers. A nil *Keys knows the registered ones
// only. It is safe for concurrent use.
type Keys struct {
	KeysConfig
	ration *ration.Ration
	mu     sync.Mutex
	// By address: two clients with one are no reason to ask twice. But clients
	// that came by themselves push out nobody else's, and each kind has a way out
	// of its own: what one can't reach the other may.
	known, registered, documented map[string]*remote
}

// NewKeys makes Keys that have fetched nothing yet.
func NewKeys(cfg KeysConfig) *Keys {
	if cfg.Asker == nil {
		cfg.Asker = func(context.Context) string { return "" }
	}
	return &Keys{KeysConfig: cfg, ration: ration.New(cfg.Now), known: map[string]*remote{}, registered: map[string]*remote{}, documented: map[string]*remote{}}
}

// Verify checks a token that c signed, such as an assertion or a request
// object, and decodes its claims; e says what is allowed, its Keys don't
// count. An unknown key makes the client's address be asked once more.
// fault.Denied if c did not sign it, or its keys can't be had; fault.Throttled if
// they may not be fetched now, for a client that came by itself.
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
	if err == nil {
		k.use(c)
	}
	return fault.Wrap(fault.Denied, op, err)
}

// holds tells whether a certificate's key is one of the client's.
func (k *Keys) holds(ctx context.Context, c *client.Client, key crypto.PublicKey) (bool, error) {
	set, at, err := k.of(ctx, c, time.Time{})
	if err == nil && !set.Holds(key) && c.JWKSURI != "" {
		set, _, err = k.of(ctx, c, at)
	}
	held := err == nil && set.Holds(key)
	if held {
		k.use(c)
	}
	return held, err
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
	r, done, err := k.remote(ctx, c)
	switch {
	case err != nil:
		return jose.Set{}, time.Time{}, fault.At(op, err)
	case done == nil: // else it is new, and this call's turn
		if set, at, ok := k.fresh(r, than); ok {
			return set, at, nil
		}
		select { // one fetches, the others wait for what it brings
		case r.turn <- struct{}{}:
		case <-ctx.Done():
			return jose.Set{}, time.Time{}, fault.Wrap(fault.Unavailable, op, ctx.Err())
		}
	}
	defer func() { <-r.turn }()
	if set, at, ok := k.fresh(r, than); ok {
		return set, at, nil
	}
	why := k.attempt(ctx, c, r, done)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case !r.fetched.IsZero() && k.Now().Sub(r.fetched) < keysStale:
		return r.set, r.fetched, nil
	case fault.Is(why, fault.Throttled):
		return jose.Set{}, time.Time{}, fault.At(op, why)
	}
	return jose.Set{}, time.Time{}, fault.Wrap(fault.Denied, op, why)
}

// fresh gives the keys if they are new enough.
func (k *Keys) fresh(r *remote, than time.Time) (jose.Set, time.Time, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ok := r.fetched.After(than) && k.Now().Sub(r.fetched) < keysFresh
	return r.set, r.fetched, ok
}
