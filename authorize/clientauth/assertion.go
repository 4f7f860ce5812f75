package clientauth

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// skew is what the clocks of a client and ours may differ by (JWT-05).
	skew = time.Minute

	// How far ahead an assertion may expire. An hour is what common libraries
	// write; until then its jti is remembered.
	strictLife = 5 * time.Minute
	plainLife  = time.Hour

	maxJTI = 256
)

// kindAssertion marks the assertions that were used.
const kindAssertion store.Kind = "assertion"

// claims is what an assertion says (RFC 7523, section 3).
type claims struct {
	Iss string        `json:"iss"`
	Sub string        `json:"sub"`
	Aud jose.Audience `json:"aud"`
	JTI string        `json:"jti"`
	Exp *jose.Date    `json:"exp"`
	Iat *jose.Date    `json:"iat"`
	Nbf *jose.Date    `json:"nbf"`
}

// assertion checks a signed statement of the client that it is the client. It
// works without one too, with no keys, so that an unknown client fails where
// one with other keys does.
func (a *Authenticator) assertion(ctx context.Context, c *client.Client, e evidence) error {
	known := c
	if known == nil || !known.Accepts(client.AuthPrivateKey) {
		known = &client.Client{}
	}
	var said claims
	// Other tokens that a client signs name their type: a proof of DPoP or a
	// request object is no assertion (JWT-06).
	types := []string{"", "JWT", "client-authentication+jwt"}
	err := a.Keys.Verify(ctx, known, e.assertion, jose.Expect{Algs: known.AssertionAlgs(), Types: types}, &said)
	switch {
	case fault.Is(err, fault.Denied):
		return refused("the assertion: " + err.Error())
	case err != nil:
		return fault.At(op, err)
	}
	if why := a.wrong(known, said); why != "" {
		return refused("the assertion: " + why)
	}
	return a.spend(ctx, known, said)
}

// wrong tells why what a client's own signature stands under is no proof for
// us, now; "" if it is.
func (a *Authenticator) wrong(c *client.Client, said claims) string {
	now, life := a.Now(), plainLife
	meant := said.Aud.Within(append([]string{a.Issuer}, a.Endpoints...)...)
	if c.StrictAssertions {
		life = strictLife
		meant = said.Aud.Is(a.Issuer) // FAPI 2.0 security profile, section 5.3.2.1
	}
	late := now.Add(skew)
	switch {
	case said.Iss != c.ID || said.Sub != c.ID:
		return "iss or sub is not the client"
	case !meant:
		return "it is meant for another audience, or for others too"
	case said.Exp == nil:
		return "it never expires"
	case !now.Add(-skew).Before(said.Exp.Time()):
		return "it is expired"
	case said.Exp.Time().After(late.Add(life)):
		return "it expires too far ahead"
	case said.Nbf != nil && said.Nbf.Time().After(late):
		return "it is not valid yet"
	case said.Iat != nil && said.Iat.Time().After(late):
		return "it is from the future"
	case said.JTI == "" || len(said.JTI) > maxJTI:
		return "it has no jti, or an overlong one"
	}
	return ""
}

// spend notes that an assertion was used. The mark comes after everything else
// was found right, so that strangers can't fill the store, and outlives the
// assertion (OAU-11).
func (a *Authenticator) spend(ctx context.Context, c *client.Client, said claims) error {
	err := a.Shorts.Create(ctx, store.Item{
		Kind: kindAssertion, Key: secret.Hash(c.ID, said.JTI), Value: []byte{},
		Expires: said.Exp.Time().Add(2 * skew),
	})
	if fault.Is(err, fault.Exists) {
		return refused("the assertion was used before")
	}
	return fault.At(op, err)
}
