package authorize

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store"
)

// possession is how tokens get bound to keys: to the one of a DPoP proof,
// whoever sends one, and to the certificate of a client that authenticates by
// it.
type possession struct {
	issuer   string
	verifier *proof.Verifier
}

// Possession makes the [Config.Proofs] that offer both kinds of sender
// constraint. box is for its nonces alone; now is the clock of shorts.
func Possession(issuer string, shorts store.Shorts, box *seal.Box, now func() time.Time) token.Proofs {
	return possession{issuer, &proof.Verifier{Shorts: shorts, Nonces: proof.NewNonces(box, now), Now: now}}
}

// Prove implements token.Proofs.
func (p possession) Prove(w http.ResponseWriter, r *http.Request, c *Client, accessToken string) (token.Proof, error) {
	at, status := proof.At{URL: p.issuer + "/token", Strict: c.StrictAssertions}, http.StatusBadRequest
	if accessToken != "" {
		at.URL, at.Token, status = p.issuer+"/userinfo", accessToken, http.StatusUnauthorized
	}
	if len(r.Header.Values("DPoP")) > 0 {
		p.verifier.Offer(w.Header())
	}
	shown, err := p.verifier.Check(r, at)
	if err != nil {
		return token.Proof{}, refusal(err, status)
	}
	b := grant.Binding(shown.Binding())
	if accessToken == "" && !byCertificate(c) {
		b.X5TS256 = "" // it was shown, but not to bind anything
	}
	return token.Proof{Binding: b, Spend: func(ctx context.Context) error {
		_, err := shown.Spend(ctx)
		return refusal(err, status)
	}}, nil
}

// byCertificate tells whether the client proves itself by its certificate.
func byCertificate(c *Client) bool {
	m := c.AuthMethod()
	return m == client.AuthTLS || m == client.AuthSelfSignedTLS
}

// refusal says an error of package proof as the endpoints do.
func refusal(err error, status int) error {
	if e, ok := errors.AsType[*proof.Error](err); ok {
		return token.Refuse(status, e.Code, e.Description())
	}
	return err
}
