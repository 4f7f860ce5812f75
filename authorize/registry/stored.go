package registry

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// defaultSize is how many clients are remembered unless said otherwise. One
	// takes a few kilobytes.
	defaultSize = 4096
	// absentees bounds what is remembered not to exist. Strangers can ask for
	// anything, so it is apart from what exists.
	absentees = 4096
	// maxOrigin is the greatest length of a web origin: a host has 253
	// characters at most.
	maxOrigin = 300
)

// Options of [NewStored]. The zero value is right for use.
type Options struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Size is the greatest number of clients that are kept in memory. Default:
	// 4096.
	Size int
	// Report is told of what fails in the background. Nil: nobody is told.
	Report func(error)
}

// Stored are the clients in the database. It is safe for concurrent use, also
// by several processes. Without [Stored.Run] it remembers nothing and asks the
// database each time.
type Stored struct {
	records store.Records
	now     func() time.Time
	report  func(error)

	heard   atomic.Int64 // when the feed last spoke, in milliseconds; 0 never
	clients *memory[known]
	origins *memory[bool]
	pages   *memory[[]string] // see RedirectOrigins
}

// known is what was read of a client: nil if there is none.
type known struct {
	client *client.Client
	until  int64 // in milliseconds, when one of its secrets ends; 0 never
}

// NewStored gives the clients in records, on which [Migrations] must have been
// applied before first use.
func NewStored(records store.Records, o Options) *Stored {
	s := &Stored{records: records, now: o.Now, report: o.Report}
	if s.now == nil {
		s.now = time.Now
	}
	if s.report == nil {
		s.report = func(error) {}
	}
	if o.Size <= 0 {
		o.Size = defaultSize
	}
	s.clients = newMemory[known](o.Size)
	s.origins = newMemory[bool](o.Size)
	s.pages = newMemory[[]string](1)
	return s
}

// Client implements [client.Clients]. fault.NotFound: there is none;
// fault.Unavailable: the database can't tell; fault.Internal: what it holds
// can't be read or is not allowed any more. All refuse.
func (s *Stored) Client(ctx context.Context, id string) (*client.Client, error) {
	const op = "registry.Client"
	if !client.ValidID(id) {
		return nil, fault.New(fault.NotFound, op, "")
	}
	now := s.now().UnixMilli()
	if s.fresh(now) {
		if k, ok := s.clients.get(id); ok && (k.until == 0 || now < k.until) {
			return k.answer(op)
		}
	}
	era := s.clients.era()
	k, err := s.read(ctx, id, now)
	if err != nil {
		return nil, fault.At(op, err)
	}
	s.clients.put(era, id, k, k.client != nil)
	return k.answer(op)
}

func (k known) answer(op string) (*client.Client, error) {
	if k.client == nil {
		return nil, fault.New(fault.NotFound, op, "")
	}
	return k.client, nil
}

// read asks the database for a client as it is now.
func (s *Stored) read(ctx context.Context, id string, now int64) (known, error) {
	var r row
	err := s.records.View(ctx, func(tx store.Tx) (err error) {
		r, err = find(tx, id)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return known{}, nil
	}
	if err != nil {
		return known{}, err
	}
	c, until, err := r.client(now)
	return known{client: c, until: until}, err
}

// AllowsOrigin implements [client.Directory].
func (s *Stored) AllowsOrigin(ctx context.Context, org string) (bool, error) {
	if canonical, err := origin.Parse(org); len(org) > maxOrigin || err != nil || canonical != org {
		return false, nil
	}
	if s.fresh(s.now().UnixMilli()) {
		if allowed, ok := s.origins.get(org); ok {
			return allowed, nil
		}
	}
	era := s.origins.era()
	var allowed bool
	err := s.records.View(ctx, func(tx store.Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM client_origins WHERE origin = $1)`, org).Scan(&allowed)
	})
	if err != nil {
		return false, fault.At("registry.AllowsOrigin", err)
	}
	s.origins.put(era, org, allowed, allowed)
	return allowed, nil
}
