package clientauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

const op = "clientauth"

// Authenticator finds out which client sent a request. Its fields must not
// change once it is in use.
type Authenticator struct {
	// Issuer is our identifier, the audience every assertion may name.
	// Required.
	Issuer string

	// Endpoints are further audiences, for clients that are not strict: the
	// addresses of the token endpoint and of pushed requests (RFC 7523,
	// section 3; RFC 9126, section 2).
	Endpoints []string

	// Find gives a client by its id, or fault.NotFound. Any other error is that
	// of [client.Clients], and refuses nobody. Required.
	Find func(ctx context.Context, id string) (*client.Client, error)

	// Shorts keeps which assertions were used. Required.
	Shorts store.Shorts

	// Keys reads the keys of clients that have an address for them. nil: such
	// clients are refused.
	Keys *Keys

	// Now is the clock of the store. Required.
	Now func() time.Time
}

// evidence is what a request brought, of which nothing is proved yet.
type evidence struct {
	id        string // who is said to ask
	method    client.AuthMethod
	secret    string // with AuthBasic and AuthPost
	assertion string // with AuthPrivateKey
}

// Authenticate gives the client that sent r with the form parameters p. It
// proves itself by its one registered method (OAU-11).
func (a *Authenticator) Authenticate(r *http.Request, p url.Values) (*client.Client, error) {
	e, err := read(r, p)
	if err != nil {
		return nil, err
	}
	c, err := a.prove(r, e)
	if fault.Is(err, fault.Denied) {
		err = &Refusal{Claimed: e.id, err: err}
	}
	return c, err
}

// prove checks the evidence.
func (a *Authenticator) prove(r *http.Request, e evidence) (*client.Client, error) {
	c, err := a.find(r.Context(), e.id)
	if err != nil {
		return nil, fault.At(op, err)
	}
	if e.method == client.AuthNone && c != nil {
		e.method = silent(c)
	}
	switch e.method {
	case client.AuthBasic, client.AuthPost:
		// The secret is compared before anything else is looked at, with
		// nobody's if there is no client: the time tells nothing.
		if !c.Authenticate(e.secret) {
			err = refused("the secret is wrong, or the client is unknown")
		}
	case client.AuthPrivateKey:
		err = a.assertion(r.Context(), c, e)
	case client.AuthTLS, client.AuthSelfSignedTLS:
		err = a.certificate(r, c, e.method)
	}
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return nil, refused("the client is unknown")
	case !c.Accepts(e.method):
		return nil, refused("the client is registered for another method")
	}
	return c, nil
}

// silent is the method of a request without proof in its parameters: it may
// lie in the connection.
func silent(c *client.Client) client.AuthMethod {
	if m := c.AuthMethod(); m == client.AuthTLS || m == client.AuthSelfSignedTLS {
		return m
	}
	return client.AuthNone
}

// maxID bounds what is looked up. Every client_id is shorter.
const maxID = 500

// find gives nil for a client that isn't there.
func (a *Authenticator) find(ctx context.Context, id string) (*client.Client, error) {
	if id == "" || len(id) > maxID {
		return nil, nil
	}
	c, err := a.Find(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return c, err
}

// Refusal is a client that did not prove who it is. It is a *fault.Error of kind
// fault.Denied for whoever asks for one.
type Refusal struct {
	// Claimed is who it says it is, as it was sent.
	Claimed string
	err     error
}

// Error gives the text for the log. It repeats nothing of the request.
func (r *Refusal) Error() string { return r.err.Error() }

// Unwrap gives the *fault.Error.
func (r *Refusal) Unwrap() error { return r.err }

// refused is every failure of authentication; only the log learns why.
func refused(why string) error {
	return &fault.Error{Kind: fault.Denied, Op: op, Public: "client authentication failed", Err: errors.New(why)}
}

// malformed is a request that nobody may send, whoever it is.
func malformed(public string) error { return fault.New(fault.Invalid, op, public) }
