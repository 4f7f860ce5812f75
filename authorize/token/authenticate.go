package token

import (
	"errors"
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
		Find: s.Clients.Client, Shorts: s.Grants.Shorts, Keys: s.ClientKeys, Now: s.Now,
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
		return nil, refused(Absent(err))
	}
	return c, nil
}

// Absent makes an error of looking a client up, or its keys, one for
// [Service.Tell]. A client that can't be had for now is told so: invalid_client
// would have it forget what it was granted. The RFC has no word for it at this
// endpoint (RFC 6749, section 5.2), but one at the other (section 4.1.2.1); and
// only a failure of ours has a status of one. Any other error stays what it is.
func Absent(err error) error {
	switch {
	case fault.Is(err, fault.Throttled):
		return RefuseFor(err, http.StatusTooManyRequests, "temporarily_unavailable", "too many clients or keys that are new here were asked for from this network")
	case errors.Is(err, client.ErrSilent):
		return RefuseFor(err, http.StatusBadRequest, "temporarily_unavailable", "the document of this client can't be had at the moment")
	}
	return err
}

// endpoints are the addresses that assertions of clients that are not strict
// may be meant for: those where clients prove who they are.
func (s *Service) endpoints() []string {
	var list []string
	for _, base := range []string{s.Issuer, s.CertificateBase} {
		if base != "" {
			list = append(list, base+"/token", base+"/par", base+"/introspect", base+"/revoke", base+"/device_authorization")
		}
	}
	return list
}

// Enter reads a request at an endpoint for clients alone, and finds out who sent
// it: for the endpoints that are not in this package. The caller has checked the
// method. Its errors are for [Service.Tell].
func (s *Service) Enter(w http.ResponseWriter, r *http.Request) (*client.Client, url.Values, error) {
	p, no := read(w, r)
	if no != nil {
		return nil, nil, no
	}
	c, no := s.authenticate(r, p)
	if no != nil {
		return nil, nil, no
	}
	return c, p, nil
}
