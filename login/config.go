package login

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/page"
)

// Accounts knows people.
type Accounts interface {
	// Authenticate checks a password. Every refusal is the same fault.Denied,
	// after equal work; fault.Unavailable if it can't be checked now.
	Authenticate(ctx context.Context, username, password string) (*identity.User, error)
	// Resolve gives the account of somebody a provider vouches for, and makes
	// one if provision says so. fault.Denied if there is none or it is
	// disabled, fault.Invalid if the assertion identifies nobody.
	Resolve(ctx context.Context, ext identity.External, provision bool) (*identity.User, error)
	// NeedsSetup tells whether nobody ever had an account here. Once false it
	// stays false.
	NeedsSetup(ctx context.Context) (bool, error)
	// SetupOpen tells whether Setup could be called; it consumes nothing.
	// fault.Spent if there is an account, fault.NotFound for another token.
	SetupOpen(ctx context.Context, token string) error
	// Setup makes the first account. fault.Invalid and fault.Exists, with a
	// sentence, if the account can't be like that; the token stays good then.
	Setup(ctx context.Context, token string, n NewAccount) (*identity.User, error)
	// Linked gives the account that a provider's subject is linked to, whatever
	// its state, or fault.NotFound.
	Linked(ctx context.Context, provider, subject string) (identity.Subject, error)
}

// NewAccount is what the setup page asks for.
type NewAccount struct{ Username, Name, Email, Password string }

// Throttle counts attempts.
type Throttle interface {
	// Attempt counts one attempt on an account, by the name that was typed,
	// from an address, before it is checked (LGN-26, LGN-28). fault.Throttled,
	// with an error in its chain that has a method RetryAfter() time.Duration,
	// if there were too many; any other error refuses the attempt too.
	Attempt(ctx context.Context, account string, from netip.Addr) (Attempt, error)
}

// Attempt is one counted attempt. One that nobody settles was wrong.
type Attempt interface {
	// Succeeded takes the count back.
	Succeeded(ctx context.Context)
	// Unchecked takes it back because no password was compared.
	Unchecked(ctx context.Context)
}

// Sessions keeps people signed in at the issuer's origin.
type Sessions interface {
	// Current is who is signed in: nil, nil for nobody.
	Current(r *http.Request) (*identity.Session, error)
	// Begin signs in; a session of somebody else in this browser ends first.
	Begin(w http.ResponseWriter, r *http.Request, sub identity.Subject, login identity.Login, remember bool) (*identity.Session, error)
	// End signs out, everywhere this session reached.
	End(w http.ResponseWriter, r *http.Request) error
	// EndEverywhere ends all sessions of whoever is signed in, and what clients
	// hold of them.
	EndEverywhere(w http.ResponseWriter, r *http.Request) error
	// EndUpstream ends the sessions that came of a login at the provider idp and
	// says how many there were: of the account sub, if it is not empty, and of the
	// login there that is called sid, if that is not empty.
	EndUpstream(ctx context.Context, idp string, sub identity.Subject, sid string) (int, error)
}

// Contexts knows what a return address is about.
type Contexts interface {
	// Context is asked with a checked path and query of our own origin. nil,
	// nil or fault.NotFound: nothing of the authorize endpoint's.
	// fault.Invalid: a request that would not be answered.
	Context(ctx context.Context, returnURL string) (*Context, error)
}

// Context is what a request for somebody's login says.
type Context struct {
	// ReturnURL is the address in the form to send. Empty: as it was given.
	ReturnURL string
	// ClientID, ClientName and ClientLogo are of the application.
	ClientID, ClientName, ClientLogo string
	// LoginHint is whom the application expects, UILocales in which language.
	LoginHint, UILocales string
	// IDP is the one provider to use ([identity.Local] for a password here).
	// Empty: any. Tenant goes to a provider that is configured to be told.
	IDP, Tenant string
	// ACRValues are the classes that the login should have, best first. They go to
	// a provider.
	ACRValues []string
	// Providers may be offered. Nil: all.
	Providers []string
	// Local tells that a password may be asked for.
	Local bool
	// Force tells that a session at hand may not do.
	Force bool
	// Fresh tells that the proof has to be made now, MaxAge how old it may be
	// (nil: any). Both go to a provider.
	Fresh  bool
	MaxAge *time.Duration
	// Create tells that the application wants the person to have made a new
	// account: somebody who is signed in is not asked whether it is still them.
	Create bool
	// DenyURL is where Cancel goes. Empty: home.
	DenyURL string
	// CreatedURL is where they come back to, absolute, from the page where accounts
	// are made. Empty: to the login page.
	CreatedURL string
}

// BeginOptions are wishes for one login at a provider. It is an alias, so that
// a provider that declares the same struct needs no import of this package.
type BeginOptions = struct {
	// LoginHint is whom the person is expected to be. Empty if unknown.
	LoginHint string
	// Force demands that the person proves who they are now.
	Force bool
	// MaxAge demands a proof that is not older. Zero means any.
	MaxAge time.Duration
	// UILocales are language tags separated by spaces.
	UILocales string
	// Tenant is the one that the application asked for. Empty: any.
	Tenant string
	// ACRValues are classes that the login should have, separated by spaces, best
	// first. Empty: any.
	ACRValues string
}

// Federator sends a person away to log in elsewhere and reads what comes back.
// It holds nothing of a login under way: memo is opaque, kept sealed here and
// given back once.
type Federator interface {
	Name() string
	Title() string
	// Ready tells, without waiting, why nobody can log in there now, or nil.
	Ready() error
	// Begin gives the address to send the person to.
	Begin(ctx context.Context, callback, state string, o BeginOptions) (location string, memo []byte, err error)
	// Finish reads the answer. fault.Denied if provider or person refused,
	// fault.Invalid if it can't be believed, fault.Unavailable if the provider
	// can't be asked.
	Finish(ctx context.Context, callback string, memo []byte, r *http.Request) (identity.External, error)
}

// LogoutTeller is a [Federator] that tells when a login there ends, and where
// people end it.
type LogoutTeller interface {
	// LogoutURL is where somebody signs out there. Empty if it is not known.
	LogoutURL() string
	// Issuer is who it says it is.
	Issuer() string
	// ReadLogout reads a logout token. fault.Invalid if it can't be believed,
	// fault.Unavailable if that can't be told now.
	ReadLogout(ctx context.Context, token string) (LogoutNotice, error)
}

// LogoutNotice says which login at a provider is over. It is an alias, as
// [BeginOptions] is.
type LogoutNotice = struct {
	// Subject and SID are the person and the session there; one may be empty.
	Subject, SID string
	// ID names the notice, which counts once; Until is when it is too old anyway.
	ID    string
	Until time.Time
}

// Provider is one external way in.
type Provider struct {
	Federator
	// Provision makes an account for somebody who has none.
	Provision bool
}

// Jar knows the names and attributes of our cookies.
type Jar interface {
	CookieName(suffix string) string
	Cookie(suffix, value string, maxAge int) *http.Cookie
	// Value is "" if the cookie is absent, doubled or misspelt.
	Value(r *http.Request, suffix string) string
}

// Once remembers what was used.
type Once interface {
	// Use marks key as used until then. fault.Spent if it was used before.
	Use(ctx context.Context, key string, until time.Time) error
	// Forget takes the mark back: what it was used for was not done.
	Forget(ctx context.Context, key string) error
}

// Pages shows pages.
type Pages interface {
	Write(w http.ResponseWriter, r *http.Request, status int, v page.View) error
}

// Config is what a [Handler] is made of. Every interface is required unless
// its comment says otherwise.
type Config struct {
	// Issuer is our address, as "https://auth.example.com" or, in single-site
	// mode, "https://app.example.com/.gatehouse". Paths are below it.
	Issuer string
	// SingleSite permits return addresses to every path of the issuer's
	// origin.
	SingleSite bool
	// Sites are the origins of the guarded sites, where absolute return
	// addresses may lead.
	Sites []string
	// Home is where somebody goes who has no return address: a path of the
	// issuer's origin. Default: the home page, or "/" in single-site mode.
	Home string
	// Local offers user name and password.
	Local bool
	// Providers are offered in this order.
	Providers []Provider
	// Remember offers to stay signed in.
	Remember bool
	// MinPassword is the least number of characters that setup asks for.
	MinPassword int

	Accounts Accounts
	Throttle Throttle
	Sessions Sessions
	Contexts Contexts
	Jar      Jar
	Once     Once
	Pages    Pages
	// Box seals the state of a round trip to a provider.
	Box *seal.Box
	// ClientIP gives the client's address as the server believes it (FWD-03).
	// Nil: the peer's.
	ClientIP func(*http.Request) netip.Addr
	// Audit hears of security events. Nil: nobody does.
	Audit func(e Event)
	// Applications are shown on the home page. Nil: none.
	Applications func(s *identity.Session) []page.Link

	// FrontChannel gives the addresses that the browser has to show in frames when
	// a session ends, so that clients sign out there, and their origins. It is
	// asked before the session ends. Nil: there are none.
	FrontChannel func(ctx context.Context, sid string) (frames, origins []string, err error)

	// GrantsURL leads to what people allowed clients. Empty: there is no such
	// page.
	GrantsURL string
	// CreateAccount gives the address of the page where people make an account,
	// which sends them back, and may be told who is expected and in which
	// languages. Nil: there is no such page.
	CreateAccount func(back, loginHint, uiLocales string) string
	// DeviceURL leads to where people enter the code of a device. Empty: there is
	// no such page.
	DeviceURL string
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}
