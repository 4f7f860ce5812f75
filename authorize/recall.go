package authorize

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// recall finds out whom an id_token_hint names (OpenID Connect Core, section
// 3.1.2.1; OAU-24). The signature must be ours; the lifetime does not matter,
// since the hint proves nothing and only narrows who may be answered for. The
// error is nil or a *ClientError.
func (s *Server) recall(ctx context.Context, q *Request) error {
	if q.hint == "" {
		return nil
	}
	var claims struct {
		Issuer  string           `json:"iss"`
		Subject identity.Subject `json:"sub"`
	}
	err := s.Signer.Verify(ctx, q.hint, "JWT", &claims)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return q.back.fail(err)
	}
	if err != nil || claims.Issuer != s.Issuer || claims.Subject == "" || !q.demand(claims.Subject) {
		return q.back.refuse(codeInvalidRequest, "id_token_hint is not an ID token of this issuer, or contradicts claims")
	}
	return nil
}
