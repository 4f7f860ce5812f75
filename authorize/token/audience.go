package token

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
)

// maxTargets bounds how many resource servers one token may be meant for.
const maxTargets = 10

// userinfo is the address of our own resource server.
func (s *Service) userinfo() string { return s.Issuer + "/userinfo" }

// audience finds whom an access token is to be meant for (RFC 8707, section
// 2.2; OAU-25): what the request names, else everything that was granted, else
// our userinfo endpoint. "The client can request ... a subset of the resources
// originally granted", and no more: whoever allowed the client something saw
// what was asked for at the time. Our own endpoint needs no name where openid
// was granted; but a token for somebody else is no token for it, or whoever gets
// one could ask here who the person is.
func (s *Service) audience(q *asked, a grant.Authorization) ([]string, *refusal) {
	targets, no := s.targets(q, a)
	if no != nil {
		return nil, no
	}
	return targets, s.fit(q, a.Scopes, targets)
}

// fit refuses a token for resource servers that want it in different forms, or
// where none of its scopes means anything. What means something at others alone
// is left out, as RFC 8707, section 2.2, has it: see [Service.Token].
func (s *Service) fit(q *asked, scopes, targets []string) *refusal {
	scopes = slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool { return scope == client.ScopeOffline })
	if len(scopes) > 0 && len(s.Resources.Meant(scopes, targets)) == 0 {
		return refuse("invalid_scope", "no scope is left that means anything at these resources")
	}
	if _, one := s.Resources.Form(q.client, targets); !one {
		return refuse("invalid_target", "these resources take access tokens of different forms; ask for one at a time")
	}
	return nil
}

// targets is audience, whatever form the token has.
func (s *Service) targets(q *asked, a grant.Authorization) ([]string, *refusal) {
	allowed := func(uri string) bool {
		if uri == s.userinfo() {
			return slices.Contains(a.Scopes, client.ScopeOpenID)
		}
		return slices.Contains(a.Resources, uri) && slices.Contains(q.client.Resources, uri)
	}
	var targets []string
	for _, uri := range q.params["resource"] {
		switch {
		case uri == "" || slices.Contains(targets, uri): // sent without a value is omitted
		case !allowed(uri) || len(targets) == maxTargets:
			return nil, refuse("invalid_target", "a resource is unknown, was not granted, or there are too many")
		default:
			targets = append(targets, uri)
		}
	}
	switch {
	case len(targets) > 0:
		return targets, nil
	case len(a.Resources) == 0:
		return []string{s.userinfo()}, nil
	}
	targets = slices.DeleteFunc(slices.Clone(a.Resources), func(uri string) bool { return !allowed(uri) })
	if len(targets) == 0 {
		return nil, refuse("invalid_target", "no resource is left that this client may ask for")
	}
	return targets, nil
}
