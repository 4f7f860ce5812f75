// Package token answers clients that come without a person: the token endpoint,
// where a grant becomes tokens; the userinfo endpoint, where an access token
// becomes claims; and the revocation and introspection endpoints, where tokens
// end and are explained.
//
// It owns the grant types, the proof of PKCE, what tokens are meant for, ID
// tokens, access tokens that are JWTs, their claims, and the endpoints' errors.
// It does not own codes, opaque access tokens and refresh tokens themselves
// (package grant), how clients prove who they are (package clientauth), the
// addresses and CORS (package endpoints) nor keys.
package token

import (
	"context"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/subject"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// Sessions tells whether a login is still in force.
type Sessions interface {
	// Find returns the session, or fault.NotFound when it is over: ended,
	// expired, or the account disabled.
	Find(ctx context.Context, sid string) (*identity.Session, error)
	// Used notes that the person is at work in an application, which puts off
	// the idle limit. fault.NotFound: the session is over, and stays so.
	Used(ctx context.Context, sid string) error
}

// Accounts tells whether a person may still be answered for when no session is
// left, as with offline_access.
type Accounts interface {
	// User returns the account as it is now: fault.NotFound if it was deleted,
	// fault.Denied if it is disabled.
	User(ctx context.Context, sub identity.Subject) (*identity.User, error)
}

// Signer signs tokens, and knows its own again.
type Signer interface {
	// Sign returns the compact JWS over the JSON of claims, with the header
	// parameters alg, typ and kid.
	Sign(ctx context.Context, alg, typ string, claims any) (string, error)
	// Verify checks signature and typ of a token of ours and decodes its
	// claims, whatever they say. fault.Invalid: it is not one of ours.
	Verify(ctx context.Context, token, typ string, claims any) error
}

// Proofs finds out which key the sender of a request has shown to possess.
type Proofs interface {
	// Prove gives the key shown by r that c's tokens are to be bound to, or are
	// bound to: the zero Binding if none was. c is who asks, and at the userinfo
	// endpoint the client of the access token. Prove may set headers of the
	// answer. A proof that is wrong is an error of [Refuse]; any other error is a
	// failure of ours.
	Prove(w http.ResponseWriter, r *http.Request, c *client.Client, at At) (Proof, error)
}

// At says where a proof is shown: at the endpoint with this address, together
// with this access token, which is empty but at a resource.
type At struct{ URL, AccessToken string }

// Proof is what a request has shown. Spend uses it up, when everything else
// about the request is known to be right, with errors like those of Prove; nil:
// there is nothing to use up.
type Proof struct {
	grant.Binding
	Spend func(context.Context) error
}

// Devices knows what people allowed to devices without a browser.
type Devices interface {
	// Redeem gives what was allowed to the device that has this device code, to
	// exactly one caller. While that is nothing it is an error of [Refuse] (RFC
	// 8628, section 3.5); any other error is a failure of ours.
	Redeem(ctx context.Context, deviceCode, client string) (grant.Code, error)
}

// Service is all four endpoints. What is not said to be optional is required;
// [Service.Check] looks at it.
type Service struct {
	// Issuer is the issuer identifier, without a slash at its end.
	// CertificateBase is a further address of all that is below it, for clients
	// that show a certificate (RFC 8705, section 5). "": there is none.
	Issuer, CertificateBase string

	Clients client.Clients
	// Book says what the scopes stand for; the zero Book is good. Resources are
	// the resource servers that something is known of, maybe none.
	Book      claims.Book
	Resources client.Resources
	// Subjects are what clients call people. Nil: no client is pairwise.
	Subjects *subject.Names
	Sessions Sessions
	// Accounts may be nil if no client has offline_access.
	Accounts Accounts
	Signer   Signer
	// Proofs nil: no sender constraint is offered.
	Proofs Proofs
	// Devices nil: no device is allowed anything.
	Devices Devices
	Grants  *grant.Grants
	// ClientKeys fetches the keys of clients that have an address for them.
	// Nil: such clients are refused.
	ClientKeys *clientauth.Keys
	// Gate judges who may use a client that has rules about it. Nil: nobody may.
	Gate client.Gate
	Now  func() time.Time
	// Used hears of each client that gets a token. Nil: nobody does.
	Used func(context.Context, *client.Client)
	// Report is told of failures and replays that were answered in the
	// protocol's own form, so that they can be logged. Errors hold no secrets.
	// Nil: nobody is told.
	Report func(context.Context, error)
}

// report tells Report, if anybody listens.
func (s *Service) report(ctx context.Context, r *refusal) {
	if s.Report != nil {
		s.Report(ctx, fault.Wrap(r.kind(), "authorize/token", r))
	}
}
