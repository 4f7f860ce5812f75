package requestobject

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

const (
	// skew is what the clocks of a client and ours may differ by (JWT-05).
	skew = time.Minute
	// maxLife is how far ahead an object may expire. It is made when the person
	// is sent here, and has arrived a moment later.
	maxLife = 10 * time.Minute
	// maxAge is how old one may be under FAPI 2.0 (Message Signing, section
	// 5.3.1).
	maxAge = time.Hour
)

// MaxBytes is the length of the longest object that is looked at.
const MaxBytes = jose.MaxToken

// Reader reads objects that are meant for Issuer.
type Reader struct {
	Issuer string
	// Keys fetches the keys of clients that have an address for them. nil: what
	// such clients sign is refused.
	Keys *clientauth.Keys
	// Parameters are the names of those that are read. Other claims may say what
	// they want.
	Parameters []string
}

// said is what an object says about itself. Everything else in it is about the
// request.
type said struct {
	Iss      string        `json:"iss"`
	Sub      string        `json:"sub"`
	Aud      jose.Audience `json:"aud"`
	Exp      *jose.Date    `json:"exp"`
	Nbf      *jose.Date    `json:"nbf"`
	Iat      *jose.Date    `json:"iat"`
	ClientID string        `json:"client_id"`
}

// Open gives the parameters of an object that c signed. at is when the request
// was first seen: who is slow at the login page is not shut out by an object
// that expired meanwhile. The zero time leaves the clock out of it, for a look
// that decides nothing.
//
// fault.Invalid: it is no object of c's that is good for us, and the error says
// why, for the log. Any other error is our own failure.
func (r Reader) Open(ctx context.Context, c *client.Client, text string, at time.Time) (url.Values, error) {
	const op = "requestobject.Open"
	var claims map[string]json.RawMessage
	err := r.Keys.Verify(ctx, c, text, jose.Expect{Algs: c.RequestAlgs(), Types: types()}, &claims)
	switch {
	case fault.Is(err, fault.Denied):
		return nil, fault.Wrap(fault.Invalid, op, err)
	case err != nil:
		return nil, fault.At(op, err)
	}
	if why := r.wrong(c, claims, at); why != "" {
		return nil, fault.Wrap(fault.Invalid, op, errors.New(why))
	}
	values, err := r.parameters(claims)
	return values, fault.Wrap(fault.Invalid, op, err)
}

// types are the names of the type: its own, and what was written before it had
// one. Other tokens that a client signs name theirs: a proof of DPoP is no
// request (RFC 9101, section 10.8; JWT-06).
func types() []string { return []string{"oauth-authz-req+jwt", "JWT", ""} }

// wrong tells why what stands under the client's own signature is no request to
// us; "" if it is.
func (r Reader) wrong(c *client.Client, claims map[string]json.RawMessage, at time.Time) string {
	s, err := read(claims)
	if err != nil {
		return "a claim is of another type than expected"
	}
	switch {
	case s.Iss != c.ID:
		return "iss is not the client"
	case s.ClientID != c.ID: // RFC 9101, section 6.3; a client assertion has none
		return "client_id is not the client"
	case s.Sub == c.ID: // RFC 9101, section 10.8: it could pass for a client assertion
		return "sub is the client"
	case !s.Aud.Has(r.Issuer):
		return "it is meant for another audience"
	case s.Exp == nil:
		return "it never expires"
	case claims["request"] != nil || claims["request_uri"] != nil: // RFC 9101, section 4
		return "there is another request in it"
	case at.IsZero():
		return ""
	}
	return s.untimely(c, at)
}

// read decodes what an object says about itself.
func read(claims map[string]json.RawMessage) (s said, err error) {
	for name, to := range map[string]any{
		"iss": &s.Iss, "sub": &s.Sub, "aud": &s.Aud, "exp": &s.Exp, "nbf": &s.Nbf, "iat": &s.Iat, "client_id": &s.ClientID,
	} {
		if raw, ok := claims[name]; ok {
			if err := json.Unmarshal(raw, to); err != nil {
				return said{}, err
			}
		}
	}
	return s, nil
}

// untimely tells why an object is not good at an instant; "" if it is.
func (s said) untimely(c *client.Client, at time.Time) string {
	late := at.Add(skew)
	switch {
	case !at.Add(-skew).Before(s.Exp.Time()):
		return "it is expired"
	case s.Exp.Time().After(late.Add(maxLife)):
		return "it expires too far ahead"
	case s.Nbf != nil && s.Nbf.Time().After(late):
		return "it is not valid yet"
	case s.Iat != nil && s.Iat.Time().After(late):
		return "it is from the future"
	case c.StrictAssertions && s.Nbf != nil && s.Nbf.Time().Before(at.Add(-maxAge-skew)):
		return "it is too old"
	}
	return ""
}
