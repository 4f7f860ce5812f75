package authorize

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/checksession"
	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/authorize/subject"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// Sessions knows who is signed in.
type Sessions interface {
	// Current returns the session of this browser, nil if nobody is signed
	// in. An error means that it can't be told: nothing is issued then.
	Current(r *http.Request) (*identity.Session, error)
	// Find returns a session by its public id, or fault.NotFound when it is
	// over or its account disabled.
	Find(ctx context.Context, sid string) (*identity.Session, error)
	// Used notes that the person is at work in an application, which puts off
	// the session's idle limit. fault.NotFound: it is over, and stays so.
	Used(ctx context.Context, sid string) error
	// Join notes that a client knows of the session, to be told of its end.
	Join(ctx context.Context, sid, clientID string) error
}

// Sites knows the guarded sites, which are clients without registration.
type Sites interface {
	// Open reads the state that a site sealed. Any error is a state that is
	// not ours, or too old.
	Open(state string) (Visit, error)
	// Ticket makes a one-time ticket for the session and returns the address
	// on the site that redeems it.
	Ticket(ctx context.Context, session *identity.Session, state string) (location string, err error)
}

// Visit is what a guarded site sealed when it sent somebody here.
type Visit struct {
	// Origin is the site: scheme://host[:port].
	Origin string
	// Name is what people call the site. Empty: its origin.
	Name string
	// FirstSeen is when the visit began.
	FirstSeen time.Time
	// Force asks for a login newer than FirstSeen.
	Force bool
}

// Signer holds the signing keys.
type Signer interface {
	// Sign returns the compact JWS over the JSON of claims, with the header
	// parameters alg, typ and kid.
	Sign(ctx context.Context, alg, typ string, claims any) (string, error)
	// PublicSet returns the JSON of the JWK set: public parts only.
	PublicSet(ctx context.Context) ([]byte, error)
	// Verify checks signature and typ of a token of ours and decodes its
	// claims, whatever they say. fault.Invalid: it is not one of ours.
	Verify(ctx context.Context, token, typ string, claims any) error
}

// Jar knows the names and attributes of cookies at the issuer's origin.
type Jar interface {
	// Cookie makes a cookie; maxAge is in seconds, negative deletes it.
	Cookie(suffix, value string, maxAge int) *http.Cookie
	// Value reads one, "" if it is absent, doubled or misspelt.
	Value(r *http.Request, suffix string) string
}

// Config is everything a [Server] is made of.
type Config struct {
	// Issuer is the issuer identifier, for example https://auth.example.com or
	// https://app.example.com/.gatehouse: no slash at its end. All addresses
	// are made from it, never from a request (FWD-02). Required.
	Issuer string

	// CertificateBase is a further address for all that is below Issuer but
	// pages, at which the connection asks clients for their certificate (RFC
	// 8705, section 5). Discovery names it. Default: none, Issuer does.
	CertificateBase string

	// RequirePushedRequests refuses requests that were not pushed, whoever the
	// client is (RFC 9126, section 5). Default: no, each client says so.
	RequirePushedRequests bool

	// RequireSignedRequests refuses requests that the client did not sign, whoever
	// it is and however they come (RFC 9101, section 10.5). Default: no, each
	// client says so.
	RequireSignedRequests bool

	// Clients are the registered clients: a [client.Static], which is checked
	// here, or some that may come and go, for which everything that a client
	// may have is required below. Nil: guarded sites only.
	Clients client.Directory

	// Book says what the scopes stand for. The zero Book is good.
	Book claims.Book

	// Subjects are what clients call people. Required if a client is pairwise.
	Subjects *subject.Names

	// Resources are the resource servers of which something is known. Nil: none.
	Resources client.Resources

	// Providers are the names of the configured identity providers, for
	// acr_values idp:x; a name that is not among them is ignored. Nil: any.
	Providers []string

	// ClassProviders are those of them whose word on the class of a login (acr) is
	// believed; nobody else gives a login one. Nil: any may.
	ClassProviders []string

	// UILocales are the languages of the pages, for discovery. Nil: not said.
	UILocales []string

	// SigningAlgs are the algorithms that Signer has keys for, the default first.
	// Nil: all of [client.Algs].
	SigningAlgs []string

	// Sessions, Signer, Jar are required. Sites may be nil: no guarded sites.
	Sessions Sessions
	Sites    Sites
	Signer   Signer
	Jar      Jar

	// Grants are the codes and tokens that were given out, Pushed what was sent
	// ahead; their clocks are Now. Required; with Grants.Records, which must have
	// the tables of [Migrations], if a client may have refresh tokens.
	Grants *grant.Grants
	Pushed *pushed.Requests

	// Accounts tells whether a person may be answered for without a session.
	// Required if a client has offline_access.
	Accounts token.Accounts

	// Consents keeps what people allowed. Required unless all clients are
	// first-party.
	Consents *consent.Consents

	// Proofs checks proofs of possession, see [token.Possession]. Nil: all tokens are
	// bearer tokens.
	Proofs token.Proofs

	// ClientKeys fetches the keys of clients that have an address for them. Nil:
	// such clients are refused.
	ClientKeys *clientauth.Keys

	// EndSession signs people out at a client's wish, and says that clients are
	// told of logouts (package backchannel). Nil: neither is offered.
	EndSession *endsession.Server

	// CheckSession lets clients' pages notice that the login changed. Nil: it is
	// not offered.
	CheckSession *checksession.Checker

	// CreateAccount gives the address of the page where people make an account,
	// which sends them back to an address of ours, and may be told whom the client
	// expects and in which languages; "" if it did not say. It allows prompt=create.
	// Nil: there is no such page.
	CreateAccount func(back, loginHint, uiLocales string) string

	// Disabled names endpoints that are neither served nor in discovery, of
	// those that [Switchable] gives. Default: none.
	Disabled []string

	// Registration is where clients register themselves. Nil: they can't.
	Registration *registration.Server

	// Documents says that Clients knows clients whose id is the address of a
	// document, so that discovery tells. Default: no.
	Documents bool

	// Used hears of each client that got a token, before it has it. Nil: nobody
	// does.
	Used func(context.Context, *client.Client)

	// Box seals what travels through the browser: posted requests, denials and
	// the cookie of first sights. It must be the same in every process of one
	// installation, and its purpose this package's alone. Required.
	Box *seal.Box

	// Device lets people allow devices without a browser (package device). Nil:
	// there is no such grant type.
	Device *device.Server

	// Pushes counts a request that is pushed in a public client's name, which
	// nobody needs to prove, by where it comes from: fault.Throttled if these are
	// too many; any other error refuses too. Nil: only what waits for a client as
	// a whole is bounded (package pushed).
	Pushes func(r *http.Request, clientID string) error

	// Gate judges who may use a client that has rules about it. Required if one
	// has.
	Gate client.Gate

	// ClientIP gives the address of the person's browser as the server believes
	// it (FWD-03), for those rules. Nil: it is unknown.
	ClientIP func(*http.Request) netip.Addr

	// Now is the clock, the stores' too. Nil: time.Now.
	Now func() time.Time

	// Report is told of errors that were answered in the protocol's own form
	// (redirect or JSON), so that they can be logged. Their kinds: fault.Spent
	// for a replayed code, fault.Denied for a client that failed to
	// authenticate or a person who was refused, fault.LoginNeeded where
	// prompt=none found nobody, fault.Invalid for other mistakes of a client,
	// and the kind of a failure of ours. No error holds a secret or a value
	// that was sent. Nil: nobody is told.
	Report func(context.Context, error)
}
