package token

import (
	"net/http"
	"net/url"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// authenticate finds out which client asks: client_secret_basic,
// client_secret_post, or none for a public client. "The client MUST NOT use
// more than one authentication method in each request" (RFC 6749, section 2.3;
// OAU-11).
func (s *Service) authenticate(r *http.Request, p url.Values) (*client.Client, *refusal) {
	id, plain, proved := p.Get("client_id"), p.Get("client_secret"), p.Get("client_secret") != ""
	if len(r.Header.Values("Authorization")) > 0 {
		basicID, basicPlain, ok := basic(r)
		switch {
		case !ok:
			return nil, invalidClient()
		case proved || p.Get("client_assertion") != "":
			return nil, refuse("invalid_request", "more than one way of client authentication")
		case id != "" && id != basicID:
			return nil, refuse("invalid_request", "client_id differs from the one in the Authorization header")
		}
		id, plain, proved = basicID, basicPlain, true
	}
	if p.Get("client_assertion") != "" || p.Get("client_assertion_type") != "" {
		if proved {
			return nil, refuse("invalid_request", "more than one way of client authentication")
		}
		return nil, invalidClient() // not offered yet, and discovery says so
	}
	if id == "" {
		return nil, invalidClient()
	}
	c := s.Clients[id]
	switch {
	case proved && c.Authenticate(plain):
		return c, nil
	case !proved && c != nil && c.Public:
		return c, nil
	default:
		return nil, invalidClient()
	}
}

// basic reads the Authorization header. Both halves are form-encoded within
// it: "the client identifier is encoded using the
// application/x-www-form-urlencoded encoding algorithm" (RFC 6749, section
// 2.3.1).
func basic(r *http.Request) (id, plain string, ok bool) {
	if len(r.Header.Values("Authorization")) != 1 {
		return "", "", false
	}
	id, plain, ok = r.BasicAuth()
	if !ok {
		return "", "", false
	}
	id, idErr := url.QueryUnescape(id)
	plain, plainErr := url.QueryUnescape(plain)
	return id, plain, idErr == nil && plainErr == nil && id != ""
}
