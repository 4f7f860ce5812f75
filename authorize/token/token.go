// Package token answers clients that come without a person: the token endpoint,
// where a code becomes tokens, and the userinfo endpoint, where an access token
// becomes claims.
//
// It owns client authentication, the proof of PKCE, ID tokens and their claims,
// and both endpoints' errors. It does not own codes and access tokens
// themselves (package grant), CORS (package authorize) nor keys.
package token

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// Sessions tells whether a login is still in force.
type Sessions interface {
	// Find returns the session, or fault.NotFound when it is over: ended,
	// expired, or the account disabled.
	Find(ctx context.Context, sid string) (*identity.Session, error)
}

// Signer signs ID tokens.
type Signer interface {
	// Sign returns the compact JWS over the JSON of claims, with the header
	// parameters alg, typ and kid.
	Sign(ctx context.Context, alg, typ string, claims any) (string, error)
}

// Service is both endpoints. All fields are required; Report may be nil.
type Service struct {
	Issuer   string
	Clients  map[string]*client.Client
	Sessions Sessions
	Signer   Signer
	Grants   *grant.Grants
	Now      func() time.Time
	// Report is told of failures and replays that were answered in the
	// protocol's own form, so that they can be logged. Errors hold no secrets.
	Report func(context.Context, error)
}

// report tells Report, if anybody listens.
func (s *Service) report(ctx context.Context, r *refusal) {
	if s.Report != nil {
		s.Report(ctx, fault.Wrap(r.kind(), "authorize/token", r))
	}
}

// write sends v as JSON. "The authorization server MUST include the HTTP
// Cache-Control response header field with a value of no-store" (RFC 6749,
// section 5.1; WEB-08).
func write(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}
