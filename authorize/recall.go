package authorize

import (
	"context"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// recall adds to a request that was checked what takes more than the request:
// which claims there are, and whom an id_token_hint names (OpenID Connect Core,
// section 3.1.2.1; OAU-24). The signature must be ours; the lifetime does not
// matter, since the hint proves nothing and only narrows who may be answered
// for. The error is nil or a *ClientError.
func (s *Server) recall(ctx context.Context, q *Request) error {
	s.measure(q)
	if q.hint == "" {
		return nil
	}
	var claims struct {
		Issuer  string           `json:"iss"`
		Subject identity.Subject `json:"sub"`
	}
	err := s.Keys.Verify(ctx, q.hint, "JWT", &claims)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return q.back.fail(err)
	}
	if err != nil || claims.Issuer != s.Issuer || claims.Subject == "" || !q.demand(claims.Subject) {
		return q.back.refuse(codeInvalidRequest, "id_token_hint is not an ID token of this issuer, or contradicts claims")
	}
	return nil
}

// measure leaves of what is asked for by name what the client may have, and
// finds what comes with none of the scopes: people are asked for that.
func (s *Server) measure(q *Request) {
	q.IDTokenClaims = s.Book.Allowed(q.Client, q.IDTokenClaims)
	q.UserInfoClaims = s.Book.Beyond(q.Scopes, s.Book.Allowed(q.Client, q.UserInfoClaims))
	for _, name := range s.Book.Beyond(q.Scopes, slices.Concat(q.UserInfoClaims, q.IDTokenClaims)) {
		q.beyond = append(q.beyond, consent.Claim{Scope: s.Book.ScopeOf(name), Name: name})
	}
}
