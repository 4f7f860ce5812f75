package token

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
)

// typeAccess names access tokens, whatever their form (RFC 8693, section 3).
const typeAccess = "urn:ietf:params:oauth:token-type:access_token"

// maxExchanges bounds how often what came of an exchange can be exchanged again.
const maxExchanges = 4

// exchange is the grant type token-exchange (RFC 8693): an access token of ours
// becomes another one that can do less, or that another resource server takes.
// Two clients may ask: the one that the token was issued to, and one that is
// itself a resource server the token is meant for, which then acts for whoever
// is behind it (ADR 20). The new token never does more, never lives longer, and
// dies with the old one.
func (s *Service) exchange(ctx context.Context, q *asked) (*issued, *refusal) {
	if no := exchangeable(q); no != nil {
		return nil, no
	}
	out := &issued{from: s.Now(), kind: typeAccess}
	subject, no := s.subject(ctx, q)
	if no != nil {
		return nil, no
	}
	out.Authorization, out.until = subject.Authorization, time.Unix(subject.Expires, 0)
	if !out.until.After(out.from) { // its last second
		return nil, refuse("invalid_request", "subject_token is about to expire")
	}
	out.Client, out.Binding = q.client.ID, q.proof.Binding
	if out.lineage, no = descend(q, subject); no != nil {
		return nil, no
	}
	if out.Scopes, no = fewer(q, subject); no != nil {
		return nil, no
	}
	if out.audience, no = s.towards(q, subject, out.Scopes); no != nil {
		return nil, no
	}
	return out, nil
}

// exchangeable checks the form of the request (section 2.1). Nothing but an
// access token comes in or goes out, and who acts is who authenticates.
func exchangeable(q *asked) *refusal {
	p := q.params
	switch wanted := p.Get("requested_token_type"); {
	case q.client.Public:
		return refuse("unauthorized_client", "a public client can't prove that it may act for another")
	case p.Get("subject_token") == "":
		return refuse("invalid_request", "subject_token is missing")
	case p.Get("subject_token_type") == "":
		return refuse("invalid_request", "subject_token_type is missing")
	case p.Get("subject_token_type") != typeAccess:
		return refuse("invalid_request", "subject_token_type is not supported")
	case p.Get("actor_token") != "" || p.Get("actor_token_type") != "":
		return refuse("invalid_request", "actor_token is not supported")
	case wanted != "" && wanted != typeAccess:
		return refuse("invalid_request", "requested_token_type is not supported")
	}
	return nil
}

// parent is the token that is exchanged. own tells that it was issued to the
// client that asks.
type parent struct {
	held
	own bool
}

// subject finds what the subject token stands for, if this client may exchange
// it. A token that is not this client's business is as good as unknown, as with
// introspection (OAU-34). "If either the subject_token or actor_token are invalid
// for any reason, or are unacceptable based on policy", it is invalid_request
// (section 2.2.2).
func (s *Service) subject(ctx context.Context, q *asked) (parent, *refusal) {
	const useless = "subject_token is unknown, expired, revoked, or not this client's to exchange for this person"
	access, err := s.open(ctx, q.params.Get("subject_token"))
	own := access.Client == q.client.ID
	if err == nil && !own && !q.client.Serves(access.Audience) {
		return parent{}, refuse("invalid_request", useless)
	}
	if err == nil {
		_, err = s.behind(ctx, access.Authorization, append(access.clients, q.client)...)
	}
	switch {
	case over(err):
		return parent{}, refuse("invalid_request", useless)
	case err != nil:
		return parent{}, failure(err)
	case !access.Binding.Matches(q.proof.Binding): // or a bound token could become one that anybody can use
		return parent{}, refuse("invalid_request", "subject_token is bound to a key that was not shown")
	}
	s.use(ctx, access.owner(), access.Authorization)
	return parent{access, own}, nil
}

// descend notes what the new token comes of. A chain of clients that act for one
// another (section 4.1) ends after a few.
func descend(q *asked, from parent) (grant.Lineage, *refusal) {
	l := from.Lineage
	if len(l.Tokens) >= maxExchanges {
		return l, refuse("invalid_request", "subject_token was exchanged too often")
	}
	l.Tokens = append([]string{from.ID}, l.Tokens...)
	if from.own {
		return l, nil
	}
	if l.GrantedTo == "" {
		l.GrantedTo = from.Client
	}
	l.Actors = append([]string{q.client.ID}, l.Actors...)
	return l, nil
}

// fewer gives the scopes: of those of the subject token what the client may ask
// for, or those of them that it names. There is never a refresh token, so
// offline_access says nothing.
func fewer(q *asked, from parent) ([]string, *refusal) {
	may := func(scope string) bool {
		return scope != client.ScopeOffline && slices.Contains(from.Scopes, scope) && q.client.MayAsk(scope)
	}
	wanted := strings.Fields(q.params.Get("scope"))
	if len(wanted) == 0 {
		wanted = slices.DeleteFunc(slices.Clone(from.Scopes), func(scope string) bool { return !may(scope) })
	}
	var scopes []string
	for _, scope := range wanted {
		switch {
		case !may(scope):
			return nil, refuse("invalid_scope", "a scope is not in subject_token, or not allowed for this client")
		case !slices.Contains(scopes, scope):
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 && len(from.Scopes) > 0 {
		return nil, refuse("invalid_scope", "no scope of subject_token is left that this client may ask for")
	}
	return scopes, nil
}

// towards gives whom the new token is meant for: the values of resource and of
// audience, which mean the same here (section 2.1). The token's own client can
// take only some of those that the token is meant for already. A resource server
// that acts names those it calls, out of its own resources, which is what the
// operator allowed it to reach.
func (s *Service) towards(q *asked, from parent, scopes []string) ([]string, *refusal) {
	allowed := func(uri string) bool {
		if uri == s.userinfo() { // a token for somebody else is no token for it
			return from.own && slices.Contains(from.Audience, uri) && slices.Contains(scopes, client.ScopeOpenID)
		}
		return slices.Contains(q.client.Resources, uri) && (!from.own || slices.Contains(from.Audience, uri))
	}
	var targets []string
	for _, uri := range slices.Concat(q.params["resource"], q.params["audience"]) {
		switch {
		case uri == "" || slices.Contains(targets, uri):
		case !allowed(uri) || len(targets) == maxTargets:
			return nil, refuse("invalid_target", "a resource or audience is unknown or not allowed for this client, or there are too many")
		default:
			targets = append(targets, uri)
		}
	}
	if len(targets) == 0 && from.own {
		targets = slices.DeleteFunc(slices.Clone(from.Audience), func(uri string) bool { return !allowed(uri) })
	}
	if len(targets) == 0 {
		return nil, refuse("invalid_target", "resource or audience must name whom the token is meant for")
	}
	return targets, s.fit(q, scopes, targets)
}
