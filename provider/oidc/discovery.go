package oidc

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// How long metadata and keys are used. Keys that the provider withdrew are
// forgotten when the metadata is fresh again; when it can't be fetched, the
// old state is used for a while rather than locking everybody out.
const (
	freshFor = time.Hour
	staleFor = 24 * time.Hour
	firstTry = time.Second
	lastTry  = 5 * time.Minute
)

// discovery keeps a provider's metadata. A failure is remembered only until
// the next try is due: 1 s, doubled up to 5 min, give or take a fifth.
type discovery struct {
	config Config
	client *http.Client
	now    func() time.Time

	mu       sync.Mutex
	known    *metadata
	at       time.Time // when known was fetched
	err      error     // of the last try, nil if it worked
	failures int
	next     time.Time // when the next try is due
	running  chan struct{}
}

func newDiscovery(config Config, deps Deps) *discovery {
	return &discovery{config: config, client: deps.Client, now: deps.Now}
}

// current gives the metadata, waiting for it if there is none.
func (d *discovery) current(ctx context.Context) (*metadata, error) {
	d.mu.Lock()
	d.refresh()
	if m := d.usable(); m != nil {
		d.mu.Unlock()
		return m, nil
	}
	running, err := d.running, d.err
	d.mu.Unlock()
	if running == nil {
		return nil, fault.Wrap(fault.Unavailable, "oidc.discovery", err)
	}
	select {
	case <-running:
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, "oidc.discovery", ctx.Err())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if m := d.usable(); m != nil {
		return m, nil
	}
	return nil, fault.Wrap(fault.Unavailable, "oidc.discovery", d.err)
}

// ready is current without waiting.
func (d *discovery) ready() (*metadata, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refresh()
	if m := d.usable(); m != nil {
		return m, nil
	}
	return nil, fault.Wrap(fault.Unavailable, "oidc.discovery", d.err)
}

// usable gives the metadata unless it is too old. The caller holds mu.
func (d *discovery) usable() *metadata {
	if d.known == nil || d.now().Sub(d.at) > staleFor {
		return nil
	}
	return d.known
}

// refresh begins a fetch if one is due and none is running. The fetch belongs
// to no single request, so that a visitor who leaves does not fail the others;
// the client's time limit ends it. The caller holds mu.
func (d *discovery) refresh() {
	now := d.now()
	if d.running != nil || now.Before(d.next) {
		return
	}
	done := make(chan struct{})
	d.running = done
	go func() {
		defer close(done)
		m, err := fetchMetadata(context.Background(), d.client, d.config, d.now)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.running = nil
		d.took(m, err)
	}()
}

// took notes how a fetch went. The caller holds mu.
func (d *discovery) took(m *metadata, err error) {
	now := d.now()
	d.err = err
	if err == nil {
		d.known, d.at, d.failures, d.next = m, now, 0, now.Add(freshFor)
		return
	}
	d.next = now.Add(jitter(min(firstTry<<min(d.failures, 16), lastTry)))
	d.failures++
}

// run keeps the metadata fresh until ctx ends.
func (d *discovery) run(ctx context.Context) {
	for {
		d.mu.Lock()
		d.refresh()
		running := d.running
		d.mu.Unlock()
		if running != nil {
			select {
			case <-running:
			case <-ctx.Done():
				return
			}
		}
		d.mu.Lock()
		wait := max(d.next.Sub(d.now()), firstTry)
		d.mu.Unlock()
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// jitter spreads the tries of many servers: d times 0.8 to 1.2.
func jitter(d time.Duration) time.Duration {
	var b [1]byte
	rand.Read(b[:])
	return d*8/10 + d*4/10*time.Duration(b[0])/255
}
