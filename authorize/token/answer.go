package token

import (
	"context"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// success is a successful answer (RFC 6749, section 5.1; OpenID Connect Core,
// section 3.1.3.3).
type success struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope"`
	// IssuedType is for token exchange alone (RFC 8693, section 2.2.1).
	IssuedType string `json:"issued_token_type,omitempty"`
}

// answer makes the tokens.
func (s *Service) answer(ctx context.Context, q *asked, out *issued) (*success, error) {
	access, life, err := s.accessToken(ctx, q.client, out)
	if err != nil {
		return nil, err
	}
	body := &success{
		AccessToken: access, TokenType: out.Binding.TokenType(), ExpiresIn: int64(life.Seconds()),
		RefreshToken: out.refresh, Scope: strings.Join(out.Scopes, " "), IssuedType: out.kind,
	}
	if out.session != nil && slices.Contains(out.Scopes, client.ScopeOpenID) {
		body.IDToken, err = s.idToken(ctx, q.client, out, access)
	}
	return body, err
}
