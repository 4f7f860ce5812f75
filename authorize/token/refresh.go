package token

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// refresh is the grant type refresh_token (RFC 6749, section 6). "Refresh
// tokens for public clients MUST be sender-constrained or use refresh token
// rotation" (RFC 9700, section 2.2.2; OAU-31): a client that proves itself or
// its key keeps the token it has, so that an answer that is lost costs nothing.
func (s *Service) refresh(ctx context.Context, q *asked) (*issued, *refusal) {
	if q.params.Get("refresh_token") == "" {
		return nil, refuse("invalid_request", "refresh_token is missing")
	}
	var out issued
	renewal, err := s.Grants.Refresh(ctx, q.params.Get("refresh_token"), grant.Use{
		Client: q.client.ID, Limits: limits(q.client),
		Rotate: q.client.Public,
		Check: func(a grant.Authorization) error {
			if no := s.renew(ctx, q, a, &out); no != nil {
				return no
			}
			return nil
		},
	})
	if no, ok := errors.AsType[*refusal](err); ok {
		return nil, no
	}
	switch {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Spent):
		return nil, invalidGrant("the refresh token is unknown, expired, revoked or used", err)
	case err != nil:
		return nil, failure(err)
	}
	s.use(ctx, q.client, out.Authorization)
	out.from, out.refresh = renewal.From, renewal.Token
	return &out, nil
}

// renew judges what a refresh token stands for by how things are now, and fills
// in what it comes to. An authorization whose person is gone ends for good, so
// that it does not come back with an account that is enabled again. One whose
// person may not use the client now is only refused: rules and groups change,
// also by mistake.
func (s *Service) renew(ctx context.Context, q *asked, a grant.Authorization, out *issued) *refusal {
	if !holds(q, a) {
		return refuse("invalid_grant", "the refresh token is bound to another key")
	}
	if a.Offline && !q.client.OfflineAccess {
		return refuse("invalid_grant", "this client may no longer have offline_access")
	}
	scopes, no := narrowed(q, a)
	if no != nil {
		return no
	}
	a.Scopes = scopes
	if out.audience, no = s.audience(q, a); no != nil {
		return no
	}
	out.session, no = s.person(ctx, a)
	if no != nil && no.Code == "invalid_grant" {
		if err := s.Grants.End(ctx, a.Family); err != nil {
			return failure(err)
		}
	}
	a.Binding = q.proof.Binding
	out.Authorization = a
	if no != nil {
		return no
	}
	return s.admitted(q.client, out)
}

// holds tells whether the key that was proved is the one the refresh token is
// bound to. A client that authenticates may change its key, since the token is
// bound to the client's credentials (RFC 9449, section 5), but not leave it out.
func holds(q *asked, a grant.Authorization) bool {
	if q.client.Public {
		return a.Binding.Matches(q.proof.Binding)
	}
	return (q.proof.JKT != "" || a.Binding.JKT == "") && (q.proof.X5TS256 != "" || a.Binding.X5TS256 == "")
}

// narrowed gives the scopes for the new access token: "The requested scope MUST
// NOT include any scope not originally granted ..., and if omitted is treated as
// equal to the scope originally granted" (RFC 6749, section 6; OAU-32). What
// was granted stays as it was. What the client was allowed once and is not any
// more is left out.
func narrowed(q *asked, a grant.Authorization) ([]string, *refusal) {
	wanted := strings.Fields(q.params.Get("scope"))
	if len(wanted) == 0 {
		wanted = a.Scopes
	}
	var scopes []string
	for _, scope := range wanted {
		switch {
		case !slices.Contains(a.Scopes, scope):
			return nil, refuse("invalid_scope", "a scope was not granted")
		case q.client.MayAsk(scope) && !slices.Contains(scopes, scope):
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		return nil, refuse("invalid_scope", "no scope is left that this client may ask for")
	}
	return scopes, nil
}

// credentials is the grant type client_credentials: a client acts for itself
// (RFC 6749, section 4.4). There is no person, so no scope about one, no ID
// token, and "a refresh token SHOULD NOT be included" (section 4.4.3).
func (s *Service) credentials(_ context.Context, q *asked) (*issued, *refusal) {
	if q.client.Public {
		return nil, refuse("unauthorized_client", "a public client has no credentials")
	}
	scopes, no := machine(q)
	if no != nil {
		return nil, no
	}
	a := grant.Authorization{
		Client: q.client.ID, Subject: clientSubject(q.client), Scopes: scopes,
		Resources: q.client.Resources, Binding: q.proof.Binding,
	}
	out := &issued{Authorization: a, from: s.Now()}
	out.audience, no = s.audience(q, a)
	return out, no
}

// machine gives the scopes of a client that acts for itself: all that it may
// ask for and that are not about a person, or those of them that it names.
func machine(q *asked) ([]string, *refusal) {
	personal := append(client.Scopes(), client.ScopeOffline)
	wanted := strings.Fields(q.params.Get("scope"))
	if len(wanted) == 0 {
		return slices.DeleteFunc(slices.Clone(q.client.Scopes), func(scope string) bool { return slices.Contains(personal, scope) }), nil
	}
	var scopes []string
	for _, scope := range wanted {
		switch {
		case slices.Contains(personal, scope) || !q.client.MayAsk(scope):
			return nil, refuse("invalid_scope", "a scope is unknown, about a person, or not allowed for this client")
		case !slices.Contains(scopes, scope):
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}
