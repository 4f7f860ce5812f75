package session

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store"
)

// DefaultCacheSize is enough for a million handles, at most 1 KiB each.
const DefaultCacheSize = 1 << 20

// Subjects knows the accounts. fault.NotFound and fault.Denied mean that the
// account is gone or disabled: its sessions are over. Any other error means
// that it can't be told now.
type Subjects interface {
	User(ctx context.Context, sub identity.Subject) (*identity.User, error)
}

// Options of a [Manager]. The zero Options are usable.
type Options struct {
	// Now is the clock. nil means time.Now.
	Now func() time.Time
	// CacheSize is the largest number of handles (one per session and host)
	// kept in memory. 0 means [DefaultCacheSize].
	CacheSize int
	// Records is the feed of the store that holds the accounts, if that is not
	// the store of the sessions.
	Records store.Watcher
	// Report hears of failures in the background, which no caller sees.
	Report func(error)
	// Ended is told of every session that is over and that clients joined
	// ([Manager.Join]), however it ended: by logout, by command, by another
	// login, by its account, by a limit. When it returns nil the session is
	// forgotten, so what it does must last. After an error, or a crash, it is
	// told again, so that a client may be named twice but never not at all. It
	// must be quick: a logout waits for it. Nil: nobody is told.
	Ended func(ctx context.Context, sid string, sub identity.Subject, clients []string) error
	// Audit hears of each session that something ended, once, in the process
	// that did it: for the log. A limit that passes is noticed only of sessions
	// that clients joined; others are forgotten by the store. It needs Ended,
	// and must be quick. Nil: nobody hears.
	Audit func(ctx context.Context, e End)
}

// Manager owns the sessions of one store. It is safe for concurrent use and
// must not be copied.
type Manager struct {
	shorts   store.Shorts
	subjects Subjects
	box      *seal.Box
	now      func() time.Time
	report   func(error)
	ended    func(context.Context, string, identity.Subject, []string) error
	audit    func(context.Context, End)

	book    *book
	uses    uses
	away    away
	feeds   []*feed
	cadence atomic.Int64 // of writing last uses, in milliseconds
	wake    chan struct{}
}

// New makes a manager. box seals visits and nothing else. Until
// [Manager.Run] hears the feeds, every look-up asks the store, so a program
// that only lists or ends sessions need not run it.
func New(shorts store.Shorts, subjects Subjects, box *seal.Box, opts Options) *Manager {
	m := &Manager{
		shorts:   shorts,
		subjects: subjects,
		box:      box,
		now:      opts.Now,
		report:   opts.Report,
		ended:    opts.Ended,
		audit:    opts.Audit,
		feeds:    []*feed{{watcher: shorts}},
		away:     away{uses: map[string]awayUse{}},
		wake:     make(chan struct{}, 1),
	}
	if m.now == nil {
		m.now = time.Now
	}
	if m.report == nil {
		m.report = func(error) {}
	}
	size := opts.CacheSize
	if size <= 0 {
		size = DefaultCacheSize
	}
	m.book = newBook(m, size)
	if opts.Records != nil {
		m.feeds = append(m.feeds, &feed{watcher: opts.Records})
	}
	m.cadence.Store(longestCadence.Milliseconds())
	return m
}

// Sessions are the sessions at one origin.
type Sessions struct {
	manager *Manager
	site    *Site
	config  Config
}

// At gives the sessions at one origin. Those that begin there get the limits
// of cfg.
func (m *Manager) At(site *Site, cfg Config) *Sessions {
	cfg = cfg.withDefaults()
	m.hasten(min(cfg.IdleTimeout, cfg.MaxAge).Milliseconds())
	return &Sessions{manager: m, site: site, config: cfg}
}

// Site returns the site whose sessions these are.
func (s *Sessions) Site() *Site { return s.site }

// Remember returns how long "stay signed in" lasts here; 0 if the box is not
// to be offered.
func (s *Sessions) Remember() time.Duration { return s.config.Remember }

// millis is the time as records have it.
func (m *Manager) millis() int64 { return m.now().UnixMilli() }

// user asks for an account. Both ways of being over give fault.NotFound.
func (m *Manager) user(ctx context.Context, sub identity.Subject) (*identity.User, error) {
	const op = "session.user"
	user, err := m.subjects.User(ctx, sub)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Denied):
		return nil, fault.Wrap(fault.NotFound, op, err)
	case err != nil:
		return nil, fault.At(op, err)
	case user == nil || user.Subject != sub:
		// SES-01 is worth a comparison: nobody gets somebody else's name.
		return nil, fault.New(fault.Internal, op, "")
	}
	return user, nil
}
