package consent

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// Requests knows what a return address is about.
type Requests interface {
	// Question gives what the person who sends r has to be asked before the
	// request of an address can be answered. fault.NotFound and fault.Invalid:
	// it is no request that would be answered.
	Question(r *http.Request, returnURL string) (Question, error)
}

// Question is a request that waits for consent.
type Question struct {
	// Asked is false if there is nothing to ask now: the browser is sent back
	// to ReturnURL, where it is decided what comes next. Nothing else is set
	// then.
	Asked bool
	// ReturnURL brings the request again, DenyURL answers it with
	// access_denied. Both are paths and queries of ours.
	ReturnURL, DenyURL string
	Ask
	Client *client.Client
	// Host is where the answer goes: the host of the redirect address, empty
	// for an app on the person's device.
	Host string
	// OnDevice tells that the answer stays on the person's device, where any
	// program may listen.
	OnDevice  bool
	User      *identity.User
	UILocales string
	// Values are what the client could read about the person now, by claim.
	Values map[string]any
}

// Sessions knows who is signed in at the issuer.
type Sessions interface {
	// Current returns the session of this browser, nil if nobody is signed
	// in. An error means that it can't be told.
	Current(r *http.Request) (*identity.Session, error)
}

// Revoker knows what clients hold of a person, and takes it from them. It is
// *grant.Grants.
type Revoker interface {
	// List gives what clients can renew by themselves.
	List(ctx context.Context, sub identity.Subject) ([]grant.Refresh, error)
	// EndConsent ends what a person granted to one client.
	EndConsent(ctx context.Context, sub identity.Subject, client string) error
}

// Pages shows what this package can't do by itself.
type Pages interface {
	Ask(w http.ResponseWriter, r *http.Request, v AskView) error
	Grants(w http.ResponseWriter, r *http.Request, v GrantsView) error
}

// What happened, for the audit log.
const (
	EventAllowed   = "consent_allowed"
	EventDenied    = "consent_denied"
	EventWithdrawn = "consent_withdrawn"
	EventForeign   = "form_foreign" // another site made the browser post a form
)

// Event is something that should be in the audit log.
type Event struct {
	Name string
	// User and SID are who did it, Terms what it is about; empty where it is
	// not known.
	User  *identity.User
	SID   string
	Terms Terms
	// Remembered tells that a consent will be.
	Remembered bool
}

// Config is what a [Server] is made of. What is not said to be optional is
// required.
type Config struct {
	// Issuer is the issuer identifier, without a slash at its end.
	Issuer   string
	Consents *Consents
	Requests Requests
	Sessions Sessions
	Revoker  Revoker
	Pages    Pages
	// Clients gives the clients their names on the page of grants.
	Clients client.Clients
	// Book says what scopes mean, Resources what the resource servers are
	// called. Neither is required.
	Book      claims.Book
	Resources client.Resources
	// Box seals the tokens of the forms. Its purpose must be this package's
	// alone.
	Box *seal.Box
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Audit hears of events, before the answer is written. Nil: nobody does.
	Audit func(r *http.Request, e Event)
}

// Server is the two pages. It is immutable and safe for concurrent use.
type Server struct {
	Config
	origin string // of the issuer
	base   string // path of the issuer
}

// New checks cfg.
func New(cfg Config) (*Server, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil || client.Origin(cfg.Issuer) == "" {
		return nil, fault.Wrap(fault.Invalid, "consent.New", errors.New("the issuer is not an address"))
	}
	if cfg.Consents == nil || cfg.Requests == nil || cfg.Sessions == nil || cfg.Revoker == nil || cfg.Pages == nil || cfg.Clients == nil || cfg.Box == nil {
		return nil, fault.Wrap(fault.Invalid, "consent.New", errors.New("a part is missing"))
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Audit == nil {
		cfg.Audit = func(*http.Request, Event) {}
	}
	return &Server{Config: cfg, origin: client.Origin(cfg.Issuer), base: u.EscapedPath()}, nil
}

// The paths below the issuer.
const (
	PathAsk    = "/consent"
	PathGrants = "/account/grants"
)

// Routes gives the handlers by pattern of http.ServeMux.
func (s *Server) Routes() map[string]func(http.ResponseWriter, *http.Request) error {
	return map[string]func(http.ResponseWriter, *http.Request) error{
		s.base + PathAsk:    s.Consent,
		s.base + PathGrants: s.Grants,
	}
}
