package device

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// Path is the page's, below the issuer.
const Path = "/device"

// Sessions knows who is signed in at the issuer.
type Sessions interface {
	// Current returns the session of this browser, nil if nobody is signed
	// in. An error means that it can't be told.
	Current(r *http.Request) (*identity.Session, error)
	// Join notes that a client knows of the session, to be told of its end.
	// fault.NotFound or fault.Denied: it is over.
	Join(ctx context.Context, sid, clientID string) error
}

// Limits counts attempts.
type Limits interface {
	// Attempt counts one, of somebody from an address, before it is made.
	// fault.Throttled, with an error in its chain that has a method
	// RetryAfter() time.Duration, if there were too many; any other error
	// refuses too.
	Attempt(ctx context.Context, who string, from netip.Addr) (Attempt, error)
}

// Attempt is one counted attempt. One that nobody settles stays counted.
type Attempt interface {
	// Succeeded takes it back, since it was right.
	Succeeded(ctx context.Context)
	// Unchecked takes it back, since nothing was compared.
	Unchecked(ctx context.Context)
}

// What happened, for the audit log.
const (
	EventAllowed   = "device_allowed"
	EventDenied    = "device_denied"
	EventRefused   = "device_refused"   // the client is not for this person
	EventForeign   = "form_foreign"     // another site made the browser post a form
	EventThrottled = "device_throttled" // somebody typed too many wrong codes
)

// Event is something that should be in the audit log. User and SID are who did
// it, Client what it is about; empty where it is not known.
type Event struct {
	Name   string
	User   *identity.User
	SID    string
	Client string
}

// Pages shows what this package can't do by itself.
type Pages interface {
	Enter(w http.ResponseWriter, r *http.Request, v EnterView) error
	Confirm(w http.ResponseWriter, r *http.Request, v ConfirmView) error
	Done(w http.ResponseWriter, r *http.Request, v DoneView) error
}

// Config is what a [Server] is made of. What is not said to be optional is
// required.
type Config struct {
	// Issuer is the issuer identifier, without a slash at its end.
	Issuer   string
	Requests *Requests
	Clients  client.Clients
	Sessions Sessions
	Pages    Pages
	// Consents remembers what was allowed, where the person says so. Nil:
	// nothing is remembered.
	Consents *consent.Consents
	// Book says what scopes mean, Resources what the resource servers are
	// called. Neither is required.
	Book      claims.Book
	Resources client.Resources
	// Guesses limits wrong user codes, by person and by address (RFC 8628,
	// section 5.1); Begins the requests of a client from an address.
	Guesses, Begins Limits
	// Box seals the tokens of the forms. Its purpose must be this package's
	// alone.
	Box *seal.Box
	// ClientIP gives a client's address as the server believes it (FWD-03).
	ClientIP func(*http.Request) netip.Addr
	// Gate judges who may use a client that has rules about it. Nil: nobody may.
	Gate client.Gate
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Audit hears of events, before the answer is written. Nil: nobody does.
	Audit func(r *http.Request, e Event)
}

// Server is the endpoint and the page. It is immutable and safe for concurrent
// use.
type Server struct {
	Config
	origin string // of the issuer
	base   string // path of the issuer
}

// New checks cfg.
func New(cfg Config) (*Server, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil || client.Origin(cfg.Issuer) == "" {
		return nil, fault.Wrap(fault.Invalid, "device.New", errors.New("the issuer is not an address"))
	}
	if cfg.Requests == nil || cfg.Clients == nil || cfg.Sessions == nil || cfg.Pages == nil ||
		cfg.Guesses == nil || cfg.Begins == nil || cfg.Box == nil || cfg.ClientIP == nil {
		return nil, fault.Wrap(fault.Invalid, "device.New", errors.New("a part is missing"))
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Audit == nil {
		cfg.Audit = func(*http.Request, Event) {}
	}
	return &Server{Config: cfg, origin: client.Origin(cfg.Issuer), base: u.EscapedPath()}, nil
}
