package endsession

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// Sessions knows who is signed in at the issuer.
type Sessions interface {
	// Current returns the session of this browser, nil if nobody is signed
	// in. An error means that it can't be told.
	Current(r *http.Request) (*identity.Session, error)
	// Clients lists the clients that were told of a session, or fault.NotFound
	// if it is over.
	Clients(ctx context.Context, sid string) ([]string, error)
	// End ends the session of this browser everywhere and deletes its cookie.
	End(w http.ResponseWriter, r *http.Request) error
}

// Verifier knows our signing keys.
type Verifier interface {
	// Verify checks signature and typ of a token of ours and decodes its
	// claims, whatever they say. fault.Invalid: it is not one of ours.
	Verify(ctx context.Context, token, typ string, claims any) error
}

// Pages shows what this package can't do by itself.
type Pages interface {
	// Confirm asks whether to sign out.
	Confirm(w http.ResponseWriter, r *http.Request, v Confirm) error
	// SignedOut says that nobody is signed in.
	SignedOut(w http.ResponseWriter, r *http.Request, v SignedOut) error
}

// The fields that the form of [Confirm] posts, and the one value of
// FieldAction that does not sign out.
const (
	FieldToken   = "csrf_token"
	FieldAction  = "action"
	ActionCancel = "cancel"
)

// Confirm is what the page shows that asks. Its form posts [FieldToken] and
// [FieldAction] to Action. The answer may lead to another origin, so the page's
// policy can't have a form-action.
type Confirm struct {
	Action, Token string
	User          *identity.User
	// ClientName and ClientLogo (https, may be empty) are of the application
	// that asks, empty if that is not certain.
	ClientName, ClientLogo string
	// UILocales is as it was sent.
	UILocales string
	// Unheeded says that the application sent something that can't be
	// believed, such as an address to go to that it has not registered.
	Unheeded bool
}

// SignedOut is what the page shows that says so.
type SignedOut struct {
	// Return is where the person may go on: a registered address, with state.
	// Empty: nowhere. An answer that has a Refresh header goes there by itself.
	Return                 string
	ClientName, ClientLogo string
	UILocales              string
	Unheeded               bool
	// FrontChannel are addresses to be loaded in hidden frames, which need not
	// be allowed more than scripts and their own origin. FrameSources are
	// their origins for the page's policy.
	FrontChannel []string
	FrameSources []string
}

// Config is what a [Server] is made of. What is not said to be optional is
// required.
type Config struct {
	// Issuer is the issuer identifier, without a slash at its end.
	Issuer   string
	Sessions Sessions
	Keys     Verifier
	Pages    Pages
	Clients  client.Clients
	// Box seals posted requests and the token of the form. Its purpose must be
	// this package's alone.
	Box *seal.Box
	// Subject gives the subject as a client knows it, where that differs
	// (pairwise subjects). Nil: it does not.
	Subject func(c *client.Client, sub identity.Subject) string
	// Ended is called when a session has ended here, before the answer is
	// written: for the log, and for cookies that go with it. Nil: nothing.
	Ended func(w http.ResponseWriter, r *http.Request, s *identity.Session)
	// Report is told of what was not heeded, as fault.Invalid; no error holds
	// what was sent. Nil: nobody is.
	Report func(ctx context.Context, err error)
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// returnAfter is how long the front channel gets before the person goes on.
const returnAfter = 3 * time.Second

// Server is the end_session endpoint. It is immutable and safe for concurrent
// use.
type Server struct {
	Config
	origin string // of the issuer
	path   string // of the endpoint
}

// New checks cfg.
func New(cfg Config) (*Server, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil || client.Origin(cfg.Issuer) == "" {
		return nil, fault.Wrap(fault.Invalid, "endsession.New", errors.New("the issuer is not an address"))
	}
	if cfg.Sessions == nil || cfg.Keys == nil || cfg.Pages == nil || cfg.Clients == nil || cfg.Box == nil {
		return nil, fault.Wrap(fault.Invalid, "endsession.New", errors.New("a part is missing"))
	}
	if cfg.Ended == nil {
		cfg.Ended = func(http.ResponseWriter, *http.Request, *identity.Session) {}
	}
	if cfg.Report == nil {
		cfg.Report = func(context.Context, error) {}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Server{Config: cfg, origin: client.Origin(cfg.Issuer), path: u.EscapedPath() + "/end_session"}, nil
}

// subject is what a client calls a person.
func (s *Server) subject(c *client.Client, sub identity.Subject) string {
	if s.Subject == nil {
		return string(sub)
	}
	return s.Subject(c, sub)
}
