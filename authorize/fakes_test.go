package authorize_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// clock is set by tests and read by servers.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// sessions keeps who is signed in, by cookie.
type sessions struct {
	mu      sync.Mutex
	bySID   map[string]*identity.Session
	cookies map[string]string
	joined  map[string][]string
	broken  error
	over    bool   // sessions end between being read and being joined
	joining func() // happens in between
	read    int
}

func (s *sessions) Current(r *http.Request) (*identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read++
	if s.broken != nil {
		return nil, s.broken
	}
	c, err := r.Cookie("gatehouse")
	if err != nil {
		return nil, nil
	}
	return s.bySID[s.cookies[c.Value]], nil
}

func (s *sessions) Find(_ context.Context, sid string) (*identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return nil, s.broken
	}
	if found := s.bySID[sid]; found != nil {
		return found, nil
	}
	return nil, fault.New(fault.NotFound, "test", "")
}

func (s *sessions) Used(context.Context, string) error { return nil }

func (s *sessions) Join(_ context.Context, sid, client string) error {
	if s.joining != nil {
		s.joining()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return fault.New(fault.NotFound, "test", "")
	}
	s.joined[sid] = append(s.joined[sid], client)
	return nil
}

// sites seals visits as the site side does.
type sites struct {
	box   *seal.Box
	wrong string // replaces the origin of tickets
	over  bool   // the session ended a moment ago
	made  int
}

func (s *sites) seal(v authorize.Visit) string {
	plain, _ := json.Marshal(v)
	return s.box.Seal(plain)
}

func (s *sites) Open(state string) (v authorize.Visit, err error) {
	plain, err := s.box.Open(state)
	if err != nil {
		return v, fault.Wrap(fault.Invalid, "sites", err)
	}
	return v, json.Unmarshal(plain, &v)
}

func (s *sites) Ticket(_ context.Context, _ *identity.Session, state string) (string, error) {
	v, err := s.Open(state)
	if s.over {
		return "", fault.New(fault.NotFound, "sites", "")
	}
	if s.wrong != "" {
		v.Origin = s.wrong
	}
	s.made++
	return v.Origin + "/deep?q=1&gatehouse_ticket=" + secret.New(), err
}

// jar names cookies as on a plain-http loopback site.
type jar struct{}

func (jar) Cookie(suffix, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: "gatehouse-" + suffix, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (jar) Value(r *http.Request, suffix string) string {
	found := r.CookiesNamed("gatehouse-" + suffix)
	if len(found) != 1 {
		return ""
	}
	return found[0].Value
}
