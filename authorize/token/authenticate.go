package token

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// authenticate finds out which client asks. A wrong proof is invalid_client,
// whatever is wrong with it; the reason is for the log.
func (s *Service) authenticate(r *http.Request, p url.Values) (*client.Client, *refusal) {
	a := clientauth.Authenticator{
		Issuer: s.Issuer, Endpoints: s.endpoints(),
		Find: s.find, Shorts: s.Grants.Shorts, Keys: s.ClientKeys, Now: s.Now,
	}
	c, err := a.Authenticate(r, p)
	switch {
	case fault.Is(err, fault.Denied):
		no := invalidClient()
		no.cause = err
		return nil, no
	case fault.Is(err, fault.Invalid):
		return nil, refuse("invalid_request", fault.Public(err))
	case err != nil:
		return nil, failure(err)
	}
	return c, nil
}

// endpoints are the addresses that assertions of clients that are not strict
// may be meant for: those where clients prove who they are.
func (s *Service) endpoints() []string {
	return []string{s.Issuer + "/token", s.Issuer + "/par", s.Issuer + "/introspect", s.Issuer + "/revoke"}
}

// find gives a registered client.
func (s *Service) find(_ context.Context, id string) (*client.Client, error) {
	if c := s.Clients[id]; c != nil {
		return c, nil
	}
	return nil, fault.New(fault.NotFound, "token.find", "")
}
