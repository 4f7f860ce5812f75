// Package house holds what outlives a configuration reload: the open stores,
// the keys, the accounts and the sessions.
//
// It owns opening them once, lazily and failing closed, and closing them when
// the last request that uses them is over. It does not own any configuration:
// whatever a Caddyfile can change is built anew beside it at every load.
package house

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Records is an open store of records.
type Records interface {
	store.Records
	io.Closer
}

// Shorts is an open store of short-lived things.
type Shorts interface {
	store.Shorts
	io.Closer
}

// Plan says where everything is. Its functions are called once, by the first
// Open.
type Plan struct {
	// Address identifies the stores: two plans with the same address share a
	// house.
	Address string
	Records func(context.Context) (Records, error)
	Shorts  func(context.Context) (Shorts, error)
	// Master gives the master key. sealed tells that the records hold what a
	// master key sealed, so that a new one would open nothing.
	Master func(sealed bool) (*seal.Master, error)
	// Keys are the settings of the signing keys at first. They change with the
	// configuration: see [keys.Ring.Configure].
	Keys keys.Settings
	// Visit opens the house for a command, which does its work and goes. What
	// is done in the background is left to the server, and signing keys are
	// made only if there are none, for the master key to have a database of
	// its own.
	Visit bool
	// PrivateSessions says that what Shorts opens is in the memory of this
	// process, where no other one sees it. Default: all processes share it.
	PrivateSessions bool
	// Log is where the house writes until [House.LogTo] names another.
	Log *zap.Logger

	log *atomic.Pointer[zap.Logger]
}

// House is what a process has open. The zero value is not usable; see [New].
type House struct {
	plan Plan
	refs atomic.Int64

	mu     sync.Mutex
	closed bool
	rooms  atomic.Pointer[Rooms]
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// Rooms are the parts of an open house.
type Rooms struct {
	Records  Records
	Shorts   Shorts
	Master   *seal.Master
	Keys     *keys.Ring
	Accounts *account.Accounts
	Sessions *session.Manager
	// Clients are those in the database; a configuration has others.
	Clients *registry.Stored
	// Registrations are those of them that registered themselves.
	Registrations *registration.Registrations
	// Audit is where security events go: what a command does is left in the
	// database for the server.
	Audit *audit.Log
	// Grants are what was given to clients, Logouts whom of them to tell that a
	// session ended. A command that ends a session leaves its notices there for
	// the next server.
	Grants  *grant.Grants
	Logouts *backchannel.Outbox

	outbox  *audit.Outbox
	remote  bool // the sessions that people have are in another process
	hashing sync.Mutex
	hasher  *account.Hasher
	params  account.Params
}

// Hasher gives the one hasher of the process for these costs, so that the
// bound on hashes at a time holds over reloads (DOS-04).
func (r *Rooms) Hasher(params account.Params) (*account.Hasher, error) {
	r.hashing.Lock()
	defer r.hashing.Unlock()
	if r.hasher != nil && r.params == params {
		return r.hasher, nil
	}
	hasher, err := account.NewHasher(account.HasherOptions{Params: params})
	if err == nil {
		r.hasher, r.params = hasher, params
	}
	return hasher, err
}

// New makes a house that opens nothing yet and that its maker holds.
func New(plan Plan) *House {
	plan.log = new(atomic.Pointer[zap.Logger])
	plan.log.Store(plan.Log)
	h := &House{plan: plan}
	h.refs.Store(1)
	return h
}

// Open opens the house unless it is open already. A failure is tried again by
// the next caller; until then everything is refused.
func (h *House) Open(ctx context.Context) (*Rooms, error) {
	if rooms := h.rooms.Load(); rooms != nil {
		return rooms, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if rooms := h.rooms.Load(); rooms != nil {
		return rooms, nil
	}
	if h.closed {
		return nil, fault.Wrap(fault.Unavailable, "house.Open", errors.New("the house is closed"))
	}
	rooms, err := h.plan.open(ctx)
	if err != nil {
		return nil, err
	}
	background, cancel := context.WithCancel(context.Background())
	h.cancel = cancel
	if !h.plan.Visit {
		h.background(background, "sessions", rooms.Sessions.Run)
		h.background(background, "clients", rooms.Clients.Run)
		h.background(background, "audit", func(ctx context.Context) error { return rooms.outbox.Run(ctx, rooms.Audit) })
		if h.plan.PrivateSessions {
			h.background(background, "orders", func(ctx context.Context) error { return rooms.obey(ctx, h.plan.report) })
		}
		h.background(background, "registrations", rooms.Registrations.Run)
		h.background(background, "keys", func(ctx context.Context) error { return rooms.Keys.Run(ctx, h.plan.report) })
	}
	h.rooms.Store(rooms)
	return rooms, nil
}

// LogTo makes the house write to another log from now on: that of the
// configuration at work, since those of earlier ones get closed.
func (h *House) LogTo(log *zap.Logger) { h.plan.log.Store(log) }

// background runs f until the house closes. An end before that is an error for
// the log: caches then ask the store each time, by their own rule.
func (h *House) background(ctx context.Context, name string, f func(context.Context) error) {
	h.work.Go(func() {
		if err := f(ctx); err != nil && ctx.Err() == nil {
			h.plan.logger().Error("background work ended", zap.String("work", name), zap.Error(err))
		}
	})
}

// Acquire holds the house for one request. It is false if the house is closed.
func (h *House) Acquire() bool {
	for {
		n := h.refs.Load()
		if n <= 0 {
			return false
		}
		if h.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Release gives back what Acquire took. The last one closes the house.
func (h *House) Release() {
	if h.refs.Add(-1) == 0 {
		h.close()
	}
}

// Destruct implements caddy.Destructor: the pool lets go.
func (h *House) Destruct() error {
	h.Release()
	return nil
}

func (h *House) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	rooms := h.rooms.Load()
	if rooms == nil {
		return
	}
	h.cancel()
	h.work.Wait()
	if err := rooms.closeStores(); err != nil {
		h.plan.logger().Error("closing stores", zap.Error(err))
	}
}

// open makes the rooms in the order in which they need one another. What was
// opened before a failure is closed again.
func (p Plan) open(ctx context.Context) (_ *Rooms, err error) {
	r := &Rooms{remote: p.Visit && p.PrivateSessions}
	defer func() {
		if err != nil {
			_ = r.closeStores() // why it was not opened says more
		}
	}()
	sealed, err := p.openStores(ctx, r)
	if err != nil {
		return nil, err
	}
	r.outbox = audit.NewOutbox(r.Records, nil, p.report)
	r.Audit = audit.Through(p.logger)
	if p.Visit {
		r.Audit = r.outbox.Log()
	}
	r.Accounts = account.New(r.Records, account.Options{Changed: r.AccountChanged})
	r.Keys = keys.New(r.Records, r.Master, keys.Options{Settings: p.Keys, Made: r.Audit.KeyRotated})
	if err := p.prepare(ctx, r.Keys, sealed); err != nil {
		return nil, fmt.Errorf("preparing the signing keys: %w", err)
	}
	r.Clients = registry.NewStored(r.Records, registry.Options{Report: p.report})
	r.Grants = &grant.Grants{Shorts: r.Shorts, Records: r.Records, Box: r.Master.Box("grants")}
	r.Registrations = &registration.Registrations{Records: r.Records, Clients: r.Clients, End: r.EndClient, Report: p.report}
	r.Logouts = backchannel.NewOutbox(r.Records, nil)
	r.Sessions = session.New(r.Shorts, r.Accounts, r.Master.Box("visit"), session.Options{Records: r.Records, Report: p.report, Ended: r.ended, Audit: r.sessionEnded})
	return r, nil
}

// openStores opens what everything else rests on. sealed is as in [Plan.Master].
// What could not be opened is not set: its nil pointer would be no nil interface.
func (p Plan) openStores(ctx context.Context, r *Rooms) (sealed bool, err error) {
	records, err := p.Records(ctx)
	if err != nil {
		return false, fmt.Errorf("opening the database: %w", err)
	}
	r.Records = records
	if err := records.Migrate(ctx, migrations()); err != nil {
		return false, fmt.Errorf("bringing the database up to date: %w", err)
	}
	if sealed, err = keys.Sealed(ctx, records); err != nil {
		return false, fmt.Errorf("reading the database: %w", err)
	}
	if r.Master, err = p.Master(sealed); err != nil {
		return false, fmt.Errorf("reading the master key: %w", err)
	}
	shorts, err := p.Shorts(ctx)
	if err != nil {
		return false, fmt.Errorf("opening the sessions: %w", err)
	}
	r.Shorts = shorts
	return sealed, nil
}

// closeStores closes what is open of the stores.
func (r *Rooms) closeStores() error {
	var shorts, records error
	if r.Shorts != nil {
		shorts = r.Shorts.Close()
	}
	if r.Records != nil {
		records = r.Records.Close()
	}
	return errors.Join(shorts, records)
}

// prepare makes the first signing keys, or finds out whether the master key
// opens those that there are.
func (p Plan) prepare(ctx context.Context, ring *keys.Ring, sealed bool) error {
	if p.Visit && sealed {
		_, err := ring.List(ctx)
		return err
	}
	return ring.Prepare(ctx)
}

// ended ends what clients hold of a session that is over (SES-10), and notes
// which of them to tell.
func (r *Rooms) ended(ctx context.Context, sid string, sub identity.Subject, clients []string) error {
	return errors.Join(r.Grants.EndSession(ctx, sid), r.Logouts.Ended(ctx, sid, sub, clients))
}

// EndClient ends what people granted a client, and what they were asked: for one
// that is deleted, or not what it was.
func (r *Rooms) EndClient(ctx context.Context, id string) error {
	consents := &consent.Consents{Records: r.Records, Shorts: r.Shorts}
	return errors.Join(r.Grants.EndClient(ctx, id), consents.EndClient(ctx, id))
}

// report logs what fails in the background, where no caller sees it.
func (p Plan) report(err error) { p.logger().Error("background work failed", zap.Error(err)) }

// logger is where to write now.
func (p Plan) logger() *zap.Logger { return p.log.Load() }

// migrations is every owner's schema, in the order in which they may refer to
// one another.
func migrations() []store.Migration {
	return slices.Concat(account.Migrations(), audit.Migrations(), keys.Migrations(), settingMigrations(),
		grant.Migrations(), consent.Migrations(), registry.Migrations(), registration.Migrations(), backchannel.Migrations())
}
