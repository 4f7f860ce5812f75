package document

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/ration"
	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/fault"
)

const (
	// leastFresh, usualFresh and mostFresh are how long a document is used
	// before it is fetched again: whatever it says, where it says nothing.
	leastFresh = 5 * time.Minute
	usualFresh = time.Hour
	mostFresh  = 24 * time.Hour
	// stale is how long a document is used whose address does not answer.
	stale = 24 * time.Hour
	// pause is the time between two attempts at an address that failed.
	pause = 30 * time.Second
	// most is how many documents are remembered (DOS-05).
	most = 1000
	// inUse is how long one counts as used after people used it.
	inUse = 7 * 24 * time.Hour
)

// HTTP sends requests to addresses that strangers name. It must bound where they
// may go, follow no redirects, and bound time and size, as internal/egress does.
type HTTP interface {
	Do(*http.Request) (*http.Response, error)
}

// Config is what a [Directory] is made of. What is not said to be optional is
// required.
type Config struct {
	// Next knows all other clients.
	Next client.Directory
	HTTP HTTP
	// Hosts are the only ones whose documents are fetched, as [client.Client.Host]
	// gives them. Nil: any.
	Hosts []string
	// Terms are what such clients may have.
	Terms metadata.Terms
	// Asker names the network for which a document is looked up: what is new is
	// counted against it. Nil: all are one.
	Asker func(context.Context) string
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Report is told why a client is not taken. Nil: nobody is told.
	Report func(context.Context, error)
}

// Directory implements [client.Directory]. It is safe for concurrent use.
type Directory struct {
	Config
	mu     sync.Mutex
	known  map[string]*entry
	ration *ration.Ration
}

// New makes a Directory that has fetched nothing yet.
func New(cfg Config) *Directory {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Report == nil {
		cfg.Report = func(context.Context, error) {}
	}
	if cfg.Asker == nil {
		cfg.Asker = func(context.Context) string { return "" }
	}
	return &Directory{Config: cfg, known: map[string]*entry{}, ration: ration.New(cfg.Now)}
}

// AllowsOrigin implements [client.Directory]. Documents allow none.
func (d *Directory) AllowsOrigin(ctx context.Context, origin string) (bool, error) {
	return d.Next.AllowsOrigin(ctx, origin)
}

// RedirectOrigins implements [client.Directory]. It is not for who writes a
// document to say which pages may show one of ours in a frame.
func (d *Directory) RedirectOrigins(ctx context.Context) ([]string, error) {
	return d.Next.RedirectOrigins(ctx)
}

// Client implements [client.Clients]. fault.NotFound: the id is none that is
// known, or what its address says is no document that can be taken.
// [client.ErrSilent]: the address does not answer, and did not for a day.
// fault.Throttled: too many documents are fetched already for who asks, or from
// that host; those that people use are not counted.
func (d *Directory) Client(ctx context.Context, id string) (*client.Client, error) {
	const op = "document.Client"
	if !client.IsDocument(id) {
		return d.Next.Client(ctx, id)
	}
	if d.Hosts != nil && !slices.Contains(d.Hosts, host(id)) {
		return nil, fault.Wrap(fault.NotFound, op, errors.New("the host is not one whose documents are taken"))
	}
	e, done, err := d.entry(ctx, id)
	switch {
	case err != nil:
		return nil, fault.At(op, err)
	case done != nil: // it is new, and this call's turn
		defer func() { <-e.turn }()
		defer done()
		c, err := d.renew(ctx, e)
		return c, fault.At(op, err)
	}
	c, err := d.remembered(ctx, e)
	return c, fault.At(op, err)
}

// Used notes that people use a client: its document is kept before those of which
// nothing is known but that they were fetched. Other clients make no difference.
func (d *Directory) Used(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e := d.known[id]; e != nil {
		e.used = d.Now()
	}
}

// remembered gives the client of an entry, and fetches its document again when it
// is time. One fetches, the others wait for what it brings.
func (d *Directory) remembered(ctx context.Context, e *entry) (*client.Client, error) {
	if c, ok, err := d.ready(e); ok {
		return c, err
	}
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, "document", ctx.Err())
	}
	if c, ok, err := d.ready(e); ok {
		return c, err
	}
	done, err := d.permit(ctx, e)
	if err != nil {
		return d.instead(e, err)
	}
	defer done()
	return d.renew(ctx, e)
}

// ready gives what is remembered, if that is an answer for now.
func (d *Directory) ready(e *entry) (c *client.Client, ok bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.Now()
	switch {
	case e.client != nil && now.Before(e.until):
		return e.client, true, nil
	case e.failure != nil && now.Before(e.tried.Add(pause)):
		c, err = d.fallback(e, now)
		return c, true, err
	}
	return nil, false, nil
}

// instead is the answer when nothing may be fetched: the old document for a
// while, else why not.
func (d *Directory) instead(e *entry, why error) (*client.Client, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.client != nil && d.Now().Before(e.fetched.Add(stale)) {
		return e.client, nil
	}
	return nil, why
}

// fallback is the answer when there is nothing newer: the old document for a
// while, if only its address did not answer. The caller has the lock.
func (d *Directory) fallback(e *entry, now time.Time) (*client.Client, error) {
	const op = "document"
	switch {
	case !isSilent(e.failure):
		return nil, fault.Wrap(fault.NotFound, op, e.failure)
	case e.client != nil && now.Before(e.fetched.Add(stale)):
		return e.client, nil
	}
	return nil, fault.Wrap(fault.Unavailable, op, fmt.Errorf("%w: %w", client.ErrSilent, e.failure))
}

// renew fetches the document of e. The caller has the turn, and the permit.
func (d *Directory) renew(ctx context.Context, e *entry) (*client.Client, error) {
	c, fresh, err := d.fetch(ctx, e.id)
	d.mu.Lock()
	now := d.Now()
	e.tried, e.failure = now, err
	switch {
	case err == nil:
		e.client, e.fetched, e.until = c, now, now.Add(fresh)
	case !isSilent(err): // it said something else, and that counts
		e.client = nil
	}
	if err == nil {
		d.mu.Unlock()
		return c, nil
	}
	c, no := d.fallback(e, now)
	d.mu.Unlock()
	d.Report(ctx, fault.Wrap(fault.Invalid, "document "+e.id, err))
	return c, no
}
