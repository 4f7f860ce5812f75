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
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/authorize/subject"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// Sessions knows who is signed in.
type Sessions interface {
	// Current returns the session of this browser, nil if nobody is signed
	// in. An error means that it can't be told: nothing is issued then.
	Current(r *http.Request) (*identity.Session, error)
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

// Keys knows ID tokens of ours again.
type Keys interface {
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
	Clients client.Clients

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

	// Sessions, Keys, Jar are required. Sites may be nil: no guarded sites.
	Sessions Sessions
	Sites    Sites
	Keys     Keys
	Jar      Jar

	// Grants are the codes and tokens that were given out, Pushed what was sent
	// ahead; their clocks are Now. Required.
	Grants *grant.Grants
	Pushed *pushed.Requests

	// Consents keeps what people allowed. Required unless all clients are
	// first-party.
	Consents *consent.Consents

	// ClientKeys fetches the keys of clients that have an address for them. Nil:
	// objects of such clients are refused.
	ClientKeys *clientauth.Keys

	// CheckSession lets clients' pages notice that the login changed: answers
	// say who is signed in. Nil: that is not offered.
	CheckSession *checksession.Checker

	// CreateAccount gives the address of the page where people make an account,
	// which sends them back to an address of ours, and may be told whom the client
	// expects and in which languages; "" if it did not say. It allows prompt=create.
	// Nil: there is no such page.
	CreateAccount func(back, loginHint, uiLocales string) string

	// Box seals what travels through the browser: posted requests, denials and
	// the cookie of first sights. It must be the same in every process of one
	// installation, and its purpose this package's alone. Required.
	Box *seal.Box

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
