package token

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store"
)

// possession is how tokens get bound to keys: to the one of a DPoP proof,
// whoever sends one, and to the certificate of a client that wants it so.
type possession struct{ *proof.Verifier }

// Possession makes the [Proofs] that offer both kinds of sender
// constraint. box is for its nonces alone; now is the clock of shorts.
func Possession(shorts store.Shorts, box *seal.Box, now func() time.Time) Proofs {
	return possession{&proof.Verifier{Shorts: shorts, Nonces: proof.NewNonces(box, now), Now: now}}
}

// Prove implements [Proofs].
func (p possession) Prove(w http.ResponseWriter, r *http.Request, c *client.Client, at At) (Proof, error) {
	status := http.StatusBadRequest
	if at.AccessToken != "" {
		status = http.StatusUnauthorized
	}
	if c.DPoPBoundTokens || len(r.Header.Values("DPoP")) > 0 {
		p.Offer(w.Header())
	}
	shown, err := p.Check(r, proof.At{URL: at.URL, Token: at.AccessToken, Strict: c.StrictAssertions})
	if err != nil {
		return Proof{}, unproven(err, status)
	}
	b := shown.Binding()
	if at.AccessToken == "" && !c.CertificateBoundTokens {
		b.X5TS256 = "" // it was shown, but not to bind anything (RFC 8705, section 3.4)
	}
	return Proof{Binding: b, Spend: func(ctx context.Context) error {
		_, err := shown.Spend(ctx)
		return unproven(err, status)
	}}, nil
}

// unproven says an error of package proof as the endpoints do.
func unproven(err error, status int) error {
	if e, ok := errors.AsType[*proof.Error](err); ok {
		return Refuse(status, e.Code, e.Description())
	}
	return err
}
