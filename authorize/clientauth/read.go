package clientauth

import (
	"net/http"
	"net/url"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// Parameters are the names that belong to client authentication. Each may
// occur once.
func Parameters() []string {
	return []string{"client_id", "client_secret", "client_assertion", "client_assertion_type"}
}

// read finds what a request brought. "The client MUST NOT use more than one
// authentication method in each request" (RFC 6749, section 2.3; OAU-11). A
// parameter without a value counts as left out (section 3.1). A certificate is
// no second method: with every one of them it may bind the token.
func read(r *http.Request, p url.Values) (evidence, error) {
	for _, name := range Parameters() {
		if len(p[name]) > 1 {
			return evidence{}, malformed(name + " occurs more than once") // OAU-14
		}
	}
	id := p.Get("client_id")
	header := len(r.Header.Values("Authorization")) > 0
	post := p.Get("client_secret") != ""
	assertion := p.Get("client_assertion") != "" || p.Get("client_assertion_type") != ""
	switch {
	case header && (post || assertion) || post && assertion:
		return evidence{}, malformed("more than one way of client authentication")
	case header:
		return basic(r, id)
	case post:
		return evidence{id: id, method: client.AuthPost, secret: p.Get("client_secret")}, nil
	case assertion:
		return asserted(p, id)
	case id == "":
		return evidence{}, refused("nobody says who asks")
	}
	return evidence{id: id, method: client.AuthNone}, nil
}

// basic reads the Authorization header. Both halves are form-encoded within
// it: "the client identifier is encoded using the
// application/x-www-form-urlencoded encoding algorithm" (RFC 6749, section
// 2.3.1).
func basic(r *http.Request, id string) (evidence, error) {
	name, secret, ok := r.BasicAuth()
	if !ok || len(r.Header.Values("Authorization")) != 1 {
		return evidence{}, refused("the Authorization header is none of a client")
	}
	name, err := url.QueryUnescape(name)
	secret, err2 := url.QueryUnescape(secret)
	switch {
	case err != nil || err2 != nil || name == "":
		return evidence{}, refused("the Authorization header is not form-encoded")
	case id != "" && id != name:
		return evidence{}, malformed("client_id differs from the one in the Authorization header")
	}
	return evidence{id: name, method: client.AuthBasic, secret: secret}, nil
}

// assertionType is the one kind of assertion (RFC 7523, section 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// asserted reads who is said to have signed an assertion. client_id is not
// needed then, and "MUST identify the same client" (RFC 7521, section 4.2).
func asserted(p url.Values, id string) (evidence, error) {
	text := p.Get("client_assertion")
	if p.Get("client_assertion_type") != assertionType || text == "" {
		return evidence{}, refused("not an assertion of the one type that is offered")
	}
	var said struct {
		Sub string `json:"sub"`
	}
	if err := jose.Unverified(text, &said); err != nil {
		return evidence{}, refused("the assertion: " + err.Error())
	}
	if said.Sub == "" || id != "" && id != said.Sub {
		return evidence{}, refused("the assertion is about another client")
	}
	return evidence{id: said.Sub, method: client.AuthPrivateKey, assertion: text}, nil
}
