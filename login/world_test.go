package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

const (
	portal = "https://auth.example.com"
	app    = "https://app.example.com"
	right  = "horse-vapour-91"
	wrong  = "wrong-vapour-91"
)

// world is a portal made of the real parts.
type world struct {
	t        testing.TB
	accounts *account.Accounts
	handler  *login.Handler
	mux      *http.ServeMux
	site     *session.Site
	sessions *session.Sessions
	contexts contexts
	declared []account.Declared
	writes   *writes

	mu     sync.Mutex
	ahead  time.Duration
	events []login.Event
	failed []error
}

// shared by all tests: hashing is slow and costs memory.
var hasher = sync.OnceValue(func() *account.Hasher {
	h, err := account.NewHasher(account.HasherOptions{Queue: 1000})
	if err != nil {
		panic(err)
	}
	return h
})

func newWorld(t testing.TB, change func(*login.Config)) *world {
	t.Helper()
	w := &world{t: t, contexts: contexts{}, mux: http.NewServeMux()}
	records, err := memory.OpenRecords(w.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { records.Close() })
	if err := records.Migrate(t.Context(), account.Migrations()); err != nil {
		t.Fatal(err)
	}
	w.accounts = account.New(records, account.Options{Now: w.now, Hasher: hasher()})
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	c := login.Config{
		Issuer: portal, Sites: []string{app}, Local: true, Remember: true,
		Accounts: people{w.accounts}, Contexts: w.contexts, Box: master.Box("login"), Now: w.now,
		Audit: func(e login.Event) { w.mu.Lock(); defer w.mu.Unlock(); w.events = append(w.events, e) },
	}
	if change != nil {
		change(&c)
	}
	origin, _, _ := strings.Cut(strings.TrimPrefix(c.Issuer, "https://"), "/")
	if w.site, err = session.NewSite("https://" + origin); err != nil {
		t.Fatal(err)
	}
	shorts := &writes{Shorts: memory.NewShorts(memory.Options{Now: w.now})}
	w.writes = shorts
	manager := session.New(shorts, w.accounts, master.Box("session"), session.Options{Now: w.now})
	w.sessions = manager.At(w.site, session.Config{IdleTimeout: time.Hour, MaxAge: 24 * time.Hour, Remember: 30 * 24 * time.Hour})
	pages, err := page.New(page.Options{Base: strings.TrimPrefix(c.Issuer, "https://"+origin)})
	if err != nil {
		t.Fatal(err)
	}
	c.Jar, c.Sessions, c.Pages = w.site, signed{w.sessions, manager}, pages
	if c.Once == nil {
		c.Once = login.OnceIn(shorts)
	}
	if c.Throttle == nil {
		c.Throttle = counting{throttle.New(shorts, nil, throttle.Options{Now: w.now})}
	}
	if w.handler, err = login.New(c); err != nil {
		t.Fatal(err)
	}
	w.route()
	return w
}

// route maps errors as the server does.
func (w *world) route() {
	status := map[fault.Kind]int{fault.Invalid: 400, fault.Denied: 403, fault.NotFound: 404, fault.Unavailable: 503}
	for pattern, serve := range w.handler.Routes() {
		w.mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			err := serve(rw, r)
			if err == nil {
				return
			}
			w.mu.Lock()
			w.failed = append(w.failed, err)
			w.mu.Unlock()
			code := status[fault.KindOf(err)]
			if code == 0 {
				code = 500
			}
			http.Error(rw, fault.Public(err), code)
		})
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// add makes accounts whose password is right, with a hash that is cheap to
// check.
func (w *world) add(names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.declared = append(w.declared, account.Declared{Username: name, Name: strings.ToUpper(name), Hash: cheap()})
	}
	if err := w.accounts.Declare(context.Background(), w.declared); err != nil {
		w.t.Fatal(err)
	}
}

// cheap is the hash of right.
var cheap = sync.OnceValue(func() string {
	hash, err := bcrypt.GenerateFromPassword([]byte(right), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return string(hash)
})

func (w *world) last() login.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) == 0 {
		return login.Event{}
	}
	return w.events[len(w.events)-1]
}

// serve answers one request without a browser.
func (w *world) serve(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	return rec
}

// The adapters that caddymodule writes too.

type people struct{ *account.Accounts }

func (p people) Resolve(ctx context.Context, ext identity.External, provision bool) (*identity.User, error) {
	return p.Accounts.Resolve(ctx, ext, account.Policy{Provision: provision})
}

func (p people) Setup(ctx context.Context, token string, n login.NewAccount) (*identity.User, error) {
	return p.Accounts.Setup(ctx, token, account.NewAccount{Username: n.Username, Name: n.Name, Email: n.Email, Password: n.Password})
}

type counting struct{ *throttle.Throttle }

func (c counting) Attempt(ctx context.Context, account string, from netip.Addr) (login.Attempt, error) {
	return c.Throttle.Attempt(ctx, account, from)
}

type signed struct {
	*session.Sessions
	manager *session.Manager
}

func (s signed) EndUpstream(ctx context.Context, idp string, sub identity.Subject, sid string) (int, error) {
	return s.manager.EndUpstream(ctx, idp, sub, sid)
}

func (s signed) Current(r *http.Request) (*identity.Session, error) {
	live, err := s.Sessions.Current(r)
	if live == nil {
		return nil, err
	}
	return &live.Session, err
}

// contexts stands for the authorize endpoint: what it knows, by address.
type contexts map[string]*login.Context

func (c contexts) Context(_ context.Context, returnURL string) (*login.Context, error) {
	if !strings.HasPrefix(returnURL, "/authorize?") {
		return nil, fault.New(fault.NotFound, "contexts", "")
	}
	known, ok := c[returnURL]
	switch {
	case !ok:
		return nil, fault.New(fault.Invalid, "contexts", "")
	case known == nil:
		return nil, fault.Wrap(fault.Unavailable, "contexts", errors.New("store"))
	}
	return known, nil
}

// broken is a throttle whose store is away.
type broken struct{}

func (broken) Attempt(context.Context, string, netip.Addr) (login.Attempt, error) {
	return nil, fault.Wrap(fault.Unavailable, "broken", errors.New("store"))
}
