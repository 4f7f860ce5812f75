package session_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	portalOrigin = "https://auth.example.com"
	appOrigin    = "https://app.example.com"
	wikiOrigin   = "https://wiki.example.org"

	alice identity.Subject = "11111111-1111-4111-8111-111111111111"
	bob   identity.Subject = "22222222-2222-4222-8222-222222222222"
)

// accounts are what sessions ask about people.
type accounts struct {
	mu    sync.Mutex
	users map[identity.Subject]*identity.User
	fail  error
	asked int
}

func newAccounts() *accounts {
	a := &accounts{users: map[identity.Subject]*identity.User{}}
	a.put(&identity.User{Subject: alice, Username: "alice", Groups: []string{"staff"}})
	a.put(&identity.User{Subject: bob, Username: "bob"})
	return a
}

func (a *accounts) put(u *identity.User) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.users[u.Subject] = u
}

func (a *accounts) disable(sub identity.Subject) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.users, sub)
}

func (a *accounts) User(_ context.Context, sub identity.Subject) (*identity.User, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	if a.fail != nil {
		return nil, a.fail
	}
	if u := a.users[sub]; u != nil {
		return u, nil
	}
	return nil, fault.New(fault.Denied, "accounts", "")
}

// house is a portal and two sites on one store.
type house struct {
	t                 testing.TB
	shorts            store.Shorts
	accounts          *accounts
	manager           *session.Manager
	portal, app, wiki *session.Sessions
}

func newHouse(t testing.TB, shorts store.Shorts, config session.Config, opts session.Options) *house {
	t.Helper()
	return neighbour(t, shorts, newAccounts(), config, opts)
}

// neighbour is another process on the same stores.
func neighbour(t testing.TB, shorts store.Shorts, a *accounts, config session.Config, opts session.Options) *house {
	t.Helper()
	h := &house{t: t, shorts: shorts, accounts: a}
	h.manager = session.New(shorts, a, testBox(t), opts)
	h.portal = h.manager.At(site(t, portalOrigin), config)
	h.app = h.manager.At(site(t, appOrigin), config)
	h.wiki = h.manager.At(site(t, wikiOrigin), config)
	return h
}

func testBox(t testing.TB) *seal.Box {
	t.Helper()
	key := make([]byte, seal.KeySize)
	copy(key, "a key for tests and nothing else")
	master, err := seal.NewMaster(key)
	if err != nil {
		t.Fatal(err)
	}
	return master.Box("session")
}

// run runs the manager until the test or the returned function ends it.
func (h *house) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.manager.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				h.t.Errorf("Run: %v", err)
			}
		})
	}
	h.t.Cleanup(stop)
	return stop
}

func site(t testing.TB, origin string) *session.Site {
	t.Helper()
	s, err := session.NewSite(origin)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// browser keeps cookies per origin.
type browser map[string]map[string]string

func (b browser) request(s *session.Sessions) *http.Request {
	r := httptest.NewRequest("GET", s.Site().Origin()+"/", nil)
	for n, v := range b[s.Site().Origin()] {
		r.AddCookie(&http.Cookie{Name: n, Value: v})
	}
	return r
}

// keep stores what an answer sets, and returns it.
func (b browser) keep(s *session.Sessions, w *httptest.ResponseRecorder) []*http.Cookie {
	jar := b[s.Site().Origin()]
	if jar == nil {
		jar = map[string]string{}
		b[s.Site().Origin()] = jar
	}
	set := w.Result().Cookies()
	for _, c := range set {
		if c.MaxAge < 0 {
			delete(jar, c.Name)
		} else {
			jar[c.Name] = c.Value
		}
	}
	return set
}

// clone is a thief's copy of the cookies.
func (b browser) clone() browser {
	c := browser{}
	for origin, jar := range b {
		c[origin] = map[string]string{}
		for n, v := range jar {
			c[origin][n] = v
		}
	}
	return c
}

func login(method string) identity.Login {
	return identity.Login{IDP: identity.Local, AMR: []string{method}}
}

// begin signs in and returns the session.
func (h *house) begin(b browser, s *session.Sessions, sub identity.Subject, remember bool) *identity.Session {
	h.t.Helper()
	w := httptest.NewRecorder()
	sess, err := s.Begin(w, b.request(s), sub, login(identity.MethodPassword), remember)
	if err != nil {
		h.t.Fatalf("Begin: %v", err)
	}
	b.keep(s, w)
	return sess
}

// enter goes from the portal's session to a site by a ticket.
func (h *house) enter(b browser, s *session.Sessions, sid string) *session.Live {
	h.t.Helper()
	ticket, err := h.manager.Ticket(h.t.Context(), sid, visit(s, "/x"))
	if err != nil {
		h.t.Fatalf("Ticket: %v", err)
	}
	w := httptest.NewRecorder()
	live, _, err := s.Redeem(w, b.request(s), ticket, binder)
	if err != nil {
		h.t.Fatalf("Redeem: %v", err)
	}
	b.keep(s, w)
	return live
}

// who says whose request it is: a name, "" for nobody, or "error".
func (h *house) who(b browser, s *session.Sessions) string {
	live, err := s.Current(b.request(s))
	switch {
	case err != nil:
		return "error"
	case live == nil:
		return ""
	}
	return live.User.Username
}

func (h *house) expect(b browser, s *session.Sessions, want string) {
	h.t.Helper()
	if got := h.who(b, s); got != want {
		h.t.Errorf("at %s: got %q, want %q", s.Site().Origin(), got, want)
	}
}

const binder = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func visit(s *session.Sessions, target string) session.Visit {
	return session.Visit{Origin: s.Site().Origin(), Target: target, Binder: session.HashBinder(binder), FirstSeen: time.Now(), Tries: 2}
}
