package authorize

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Context is what a login page may know of the request that brought somebody to
// it. The login page never reads the return address itself.
type Context struct {
	// ReturnURL is the address to go to after the login: ours, checked, and
	// written anew (RED-05).
	ReturnURL string
	// DenyURL is where "cancel" goes. For a client, an address that answers it
	// with access_denied. For a guarded site, the issuer's home page: the site
	// itself would come straight back.
	DenyURL string
	// CreatedURL is where somebody comes back to who goes and makes an account
	// first: absolute, and it shows nothing of a client's request.
	CreatedURL string
	// ClientID is the client, or the origin of a guarded site.
	ClientID string
	// ClientName and ClientLogo (https, may be empty) are for people to see.
	ClientName, ClientLogo string
	// LoginHint and UILocales are as the client sent them.
	LoginHint, UILocales string
	// IDP and Tenant are what acr_values asked for; ACRValues is the rest, with
	// what claims ask for. A login without one of EssentialACR will be refused:
	// Providers and Local leave out who can't give one.
	IDP, Tenant             string
	ACRValues, EssentialACR []string
	// Providers are the identity providers that may be offered. Nil: all.
	Providers []string
	// Local tells whether local accounts may be offered.
	Local bool
	// Force tells that somebody who is signed in already may have to sign in
	// all the same. The page must not send them straight back then, or it
	// would go round in circles.
	Force bool
	// Fresh tells that a provider must be asked for a new proof too
	// (prompt=login, prompt=create, max_age=0). It implies Force.
	Fresh bool
	// Create tells that the client wants the person to have made a new account
	// (prompt=create).
	Create bool
	// MaxAge is the greatest age of a login that a provider may answer with.
	// Nil: any.
	MaxAge *time.Duration
}

// Context gives the authorization context of a return address. The address must
// be a path and query of ours that leads to the authorize endpoint, spelt
// exactly as we spell it, with a request that passes every check.
//
// fault.NotFound: it does not lead there, and may be something else of ours.
// fault.Invalid: it does, but the request is not one that would be answered.
// Other kinds: it can't be told now.
func (s *Server) Context(ctx context.Context, returnURL string) (*Context, error) {
	p, q, err := s.returned(ctx, returnURL)
	if err != nil {
		return nil, fault.At("authorize.Context", err)
	}
	c := &Context{ReturnURL: s.endpoint() + "?" + p.address, DenyURL: s.base + "/"}
	c.CreatedURL = s.Issuer + "/authorize?" + p.address
	if p.get("response_type") != responseTicket {
		c.DenyURL, c.CreatedURL = s.sealDenied(p), s.createdURL(p)
	}
	return c.fill(q), nil
}

// returned reads the request of a return address.
func (s *Server) returned(ctx context.Context, returnURL string) (params, *Request, error) {
	const op = "authorize.returned"
	query, ours := strings.CutPrefix(returnURL, s.endpoint()+"?")
	if !ours {
		return params{}, nil, fault.New(fault.NotFound, op, "")
	}
	if !printable(query) { // RED-05; CVE-2024-39694 elsewhere
		return params{}, nil, fault.New(fault.Invalid, op, "")
	}
	p, err := s.parse(query)
	if err == nil && p.denied {
		err = fault.New(fault.Invalid, op, "")
	}
	if err != nil {
		return params{}, nil, fault.Wrap(fault.Invalid, op, err)
	}
	if p.get("response_type") == responseTicket {
		_, q, err := s.openVisit(p)
		return p, q, fault.Wrap(fault.Invalid, op, err)
	}
	p, q, err := s.judge(ctx, p, nil)
	if err != nil {
		return params{}, nil, fault.Wrap(blame(err), op, err)
	}
	return p, q, nil
}

// blame is the kind of an error of check or recall: fault.Invalid, unless it was
// not the request's fault.
func blame(err error) fault.Kind {
	no, told := errors.AsType[*ClientError](err)
	_, shown := errors.AsType[*DisplayError](err)
	switch {
	case told && no.cause != nil:
		return fault.KindOf(no.cause)
	case told || shown:
		return fault.Invalid
	default:
		return fault.KindOf(err)
	}
}

// fill copies what q says.
func (c *Context) fill(q *Request) *Context {
	c.ClientID, c.ClientName, c.ClientLogo = q.Client.ID, q.Client.DisplayName(), q.Client.LogoURI
	c.LoginHint, c.UILocales = q.LoginHint, q.UILocales
	c.IDP, c.Tenant, c.ACRValues, c.EssentialACR = q.IDP, q.Tenant, q.ACRValues, q.EssentialACR
	c.Providers, c.Local = q.Client.Providers, q.Client.TakesLocal()
	if len(c.Providers) == 0 {
		c.Providers = nil
	}
	if q.may != nil { // the other ways would end in a refusal
		c.Providers, c.Local = q.may, false
	}
	c.MaxAge = q.MaxAge
	if limit := q.Client.LoginAge(); limit > 0 && (c.MaxAge == nil || limit < *c.MaxAge) {
		c.MaxAge = &limit
	}
	c.Create, c.Fresh = q.Create, q.Login || c.MaxAge != nil && *c.MaxAge == 0
	c.Force = c.Fresh || c.MaxAge != nil || len(q.Subjects) > 0 ||
		q.IDP != "" || q.Tenant != "" || len(q.EssentialACR) > 0 || c.Providers != nil || !c.Local
	return c
}

// printable tells whether query has visible ASCII alone, and neither a
// backslash nor a fragment, so that every browser reads it as we do.
func printable(query string) bool {
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || c == '\\' || c == '#' {
			return false
		}
	}
	return true
}
