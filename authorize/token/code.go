package token

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// redeem is the grant type authorization_code (RFC 6749, section 4.1.3).
func (s *Service) redeem(ctx context.Context, q *asked) (*issued, *refusal) {
	switch {
	case q.params.Get("code") == "":
		return nil, refuse("invalid_request", "code is missing")
	case q.params.Get("redirect_uri") == "":
		return nil, refuse("invalid_request", "redirect_uri is missing")
	}
	// The code is spent before it is looked at: whoever holds somebody else's
	// code, or guesses verifiers, gets one attempt.
	code, err := s.Grants.Redeem(ctx, q.params.Get("code"))
	switch {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Spent):
		return nil, invalidGrant("the code is unknown, expired or used", err)
	case err != nil:
		return nil, failure(err)
	}
	if no := fits(q, code); no != nil {
		return nil, no
	}
	return s.first(ctx, q, code)
}

// device is the grant type device_code (RFC 8628, section 3.4).
func (s *Service) device(ctx context.Context, q *asked) (*issued, *refusal) {
	if q.params.Get("device_code") == "" {
		return nil, refuse("invalid_request", "device_code is missing")
	}
	code, err := s.Devices.Redeem(ctx, q.params.Get("device_code"), q.client.ID)
	if err != nil {
		return nil, refused(err)
	}
	return s.first(ctx, q, code)
}

// first gives what was allowed for the first time.
func (s *Service) first(ctx context.Context, q *asked, code grant.Code) (*issued, *refusal) {
	out := &issued{Authorization: code.Authorization, from: code.Redeemed, nonce: code.Nonce}
	out.Binding = q.proof.Binding
	var no *refusal
	if out.audience, no = s.audience(q, out.Authorization); no != nil {
		return nil, no
	}
	if out.session, no = s.person(ctx, out.Authorization); no != nil {
		return nil, no
	}
	if no = s.admitted(q.client, out); no != nil {
		return nil, no
	}
	return s.renewable(ctx, q.client, out)
}

// renewable adds a refresh token, if the client may have one.
func (s *Service) renewable(ctx context.Context, c *client.Client, out *issued) (*issued, *refusal) {
	if !c.MayUse(client.GrantRefresh) {
		return out, nil
	}
	var err error
	out.refresh, err = s.Grants.NewRefresh(ctx, out.Authorization, out.from, limits(c))
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, invalidGrant("the code was used twice, or what it stands for was taken back", err)
	case err != nil:
		return nil, failure(err)
	}
	return out, nil
}

// limits are a client's for its refresh tokens.
func limits(c *client.Client) grant.Limits {
	l := grant.Limits{Idle: grant.RefreshIdle, Max: grant.RefreshMaxAge}
	if c.RefreshIdle > 0 {
		l.Idle = c.RefreshIdle
	}
	if c.RefreshMaxAge > 0 {
		l.Max = c.RefreshMaxAge
	}
	return l
}

// fits compares the code with the request that redeems it.
func fits(q *asked, code grant.Code) *refusal {
	switch verifier := q.params.Get("code_verifier"); {
	case code.Client != q.client.ID: // RFC 6749, section 5.2; OAU-10
		return refuse("invalid_grant", "the code was issued to another client")
	case code.Redirect != secret.Hash(q.params.Get("redirect_uri")): // section 4.1.3; OAU-09
		return refuse("invalid_grant", "redirect_uri differs from the one of the request")
	case code.Challenge == "" && verifier != "": // RFC 9700, section 2.1.1; OAU-05
		return refuse("invalid_grant", "code_verifier without a code_challenge")
	case code.Challenge != "" && !proves(verifier, code.Challenge):
		return refuse("invalid_grant", "code_verifier does not fit")
	case !code.Binding.Matches(q.proof.Binding): // RFC 9449, section 10
		return refuse("invalid_grant", "the code is bound to another key")
	}
	return nil
}

// proves tells whether verifier has the form of RFC 7636, section 4.1, and is
// the one the challenge was made of (section 4.6, S256).
func proves(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	for i := range len(verifier) {
		c := verifier[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("-._~", c) < 0 {
			return false
		}
	}
	sum := sha256.Sum256([]byte(verifier))
	return secret.Equal(base64.RawURLEncoding.EncodeToString(sum[:]), challenge)
}
