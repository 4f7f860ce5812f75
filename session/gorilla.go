package session

import (
	"context"
	"net/http"

	"github.com/gorilla/sessions"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// cookieStore lets gorilla/sessions issue, renew and end the cookie of a site.
// It reads it with the same code as [Sessions.Current], so that there is one
// opinion about which cookie counts.
type cookieStore struct{ sessions *Sessions }

var _ sessions.Store = cookieStore{}

// bondKey is the only key in a gorilla session's Values.
type bondKey struct{}

// bond is what ties a browser to a session at one site.
type bond struct {
	live *Live  // whom the cookie of the request belongs to; nil nobody
	old  key    // its handle, to be deleted when a new one is issued
	sid  string // what Save issues a handle for
	next *record
}

// session gives the session that the browser has: one that began in this very
// request, or the one of its cookie. "" is nobody's.
func (b *bond) session() (sid string, sub identity.Subject) {
	switch {
	case b.next != nil:
		return b.sid, b.next.Sub
	case b.live != nil:
		return b.live.SID, b.live.User.Subject
	}
	return "", ""
}

// Get returns the request's session from gorilla's registry. The registry
// rewrites *r and has no lock: only the handler that owns the request may get
// here, which is why the guard's path does not.
func (c cookieStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(c, name)
}

// New reads the request's cookie. As gorilla demands, the session is never
// nil; an error means that the store can't tell whose it is.
func (c cookieStore) New(r *http.Request, name string) (*sessions.Session, error) {
	g := sessions.NewSession(c, name)
	g.Options = &sessions.Options{
		Path:     "/",
		Secure:   c.sessions.site.secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
	b := new(bond)
	g.Values[bondKey{}] = b
	live, err := c.sessions.Current(r)
	if live != nil {
		b.live = live
		b.old, _ = c.sessions.site.current(r.Header["Cookie"])
	}
	g.IsNew = live == nil
	return g, err
}

// Save issues a new handle for what the bond says, always under a new id
// (SES-07), and sets the cookie; MaxAge below 0 deletes it. It must run before
// the first byte of the answer.
func (c cookieStore) Save(r *http.Request, w http.ResponseWriter, g *sessions.Session) error {
	const op = "session.Save"
	if g.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(g.Name(), "", g.Options))
		return nil
	}
	b, ok := g.Values[bondKey{}].(*bond)
	if !ok || b.next == nil {
		return fault.New(fault.Internal, op, "")
	}
	id, err := c.issue(r.Context(), b)
	if err != nil {
		return fault.At(op, err)
	}
	if b.next.Remember {
		left := b.next.Expires - c.sessions.manager.millis()
		g.Options.MaxAge = int(max(left/1000, 1))
	}
	http.SetCookie(w, sessions.NewCookie(g.Name(), id, g.Options))
	return nil
}

// issue stores a new handle and returns its id.
func (c cookieStore) issue(ctx context.Context, b *bond) (string, error) {
	id := secret.New()
	k, ok := c.sessions.site.key(id)
	if !ok {
		return "", fault.New(fault.Internal, "session.issue", "")
	}
	item := store.Item{Kind: kindHandle, Key: k.String()}
	item.Index = store.Index{SID: b.sid, Sub: string(b.next.Sub)}
	err := c.sessions.manager.create(ctx, item, b.next.Expires, handleRecord{
		SID: b.sid, Age: b.next.Age, Origin: c.sessions.site.origin,
	})
	b.old = k
	return id, err
}

// open gives the request's gorilla session and its bond.
func (s *Sessions) open(r *http.Request) (*sessions.Session, *bond, error) {
	g, err := cookieStore{s}.Get(r, s.site.name)
	if err != nil {
		return nil, nil, err
	}
	b, ok := g.Values[bondKey{}].(*bond)
	if !ok {
		return nil, nil, fault.New(fault.Internal, "session.open", "")
	}
	return g, b, nil
}
