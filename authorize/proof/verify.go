package proof

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// A proof is made for one request: it may be a minute old, by a clock that
	// differs from ours by another (JWT-05).
	maxAge = time.Minute
	skew   = time.Minute

	maxProof = 4 << 10 // an RSA key of 4096 bits and long addresses fit
	maxJTI   = 256
)

// kindProof marks the proofs that were used.
const kindProof store.Kind = "dpop"

// Verifier looks at what requests show. Its fields must not change once it is
// in use.
type Verifier struct {
	// Shorts keeps which proofs were used. Required.
	Shorts store.Shorts

	// Nonces makes and knows our nonces. nil: none are asked for or offered.
	Nonces *Nonces

	// Now is the clock of the store. Required.
	Now func() time.Time
}

// At says what a proof must be made for.
type At struct {
	// URL is the address of the endpoint, from the configuration: the request
	// itself may tell tales. Query and fragment don't count. Required.
	URL string

	// Token is the access token that came along. Required at a resource,
	// empty elsewhere.
	Token string

	// Strict refuses RS256, as FAPI 2.0 does.
	Strict bool

	// Nonce demands one of our nonces in every proof. Without it one that is
	// there must still be ours, if there are any. Default: no.
	Nonce bool
}

// Algs lists the algorithms of proofs, for discovery
// (dpop_signing_alg_values_supported), the better first.
func Algs() []string { return append(strictAlgs(), jose.RS256) }

func strictAlgs() []string {
	return []string{jose.ES256, jose.EdDSA, jose.Ed25519, jose.PS256}
}

// claims is what a proof says (RFC 9449, section 4.2).
type claims struct {
	JTI   string     `json:"jti"`
	HTM   string     `json:"htm"`
	HTU   string     `json:"htu"`
	Iat   *jose.Date `json:"iat"`
	Ath   string     `json:"ath"`
	Nonce string     `json:"nonce"`
}

// Shown is what a request shows, found right except that a proof may have been
// used before: [Shown.Spend] tells. Nothing is stored until then, so that
// strangers can't fill the store.
type Shown struct {
	v       *Verifier
	binding Binding
	jti     string    // "" without a proof
	until   time.Time // when the proof is too old for sure
}

// Check looks at a request: at its DPoP proof, if there is one, and at the
// certificate of its connection. The error is an *[Error].
func (v *Verifier) Check(r *http.Request, at At) (*Shown, error) {
	s := &Shown{v: v, binding: Binding{X5TS256: certificate(r)}}
	values := r.Header.Values("DPoP")
	switch {
	case len(values) == 0:
		return s, nil
	case len(values) > 1: // RFC 9449, section 4.3, check 1; OAU-37
		return nil, refused(InvalidProof, "more than one proof")
	case len(values[0]) > maxProof:
		return nil, refused(InvalidProof, "an overlong proof")
	}
	e := jose.Expect{Algs: Algs(), Types: []string{"dpop+jwt"}}
	if at.Strict {
		e.Algs = strictAlgs()
	}
	var said claims
	key, err := jose.VerifySelfSigned(values[0], e, &said)
	if err != nil {
		return nil, refused(InvalidProof, err.Error())
	}
	if err := v.judge(r.Method, at, said); err != nil {
		return nil, err
	}
	s.binding.JKT, s.jti, s.until = key.Thumbprint(), said.JTI, said.Iat.Time().Add(maxAge+2*skew)
	return s, nil
}

// judge holds what a rightly signed proof says against the request (RFC 9449,
// section 4.3).
func (v *Verifier) judge(method string, at At, said claims) error {
	want, known := target(at.URL)
	got, ok := target(said.HTU)
	now := v.Now()
	switch {
	case said.JTI == "" || len(said.JTI) > maxJTI:
		return refused(InvalidProof, "no jti, or an overlong one")
	case said.HTM != method:
		return refused(InvalidProof, "made for another method")
	case !known || !ok || want != got:
		return refused(InvalidProof, "made for another address")
	case at.Token != "" && !secret.Equal(said.Ath, tokenHash(at.Token)):
		return refused(InvalidProof, "made for another access token")
	case said.Iat == nil:
		return refused(InvalidProof, "without a date")
	case v.Nonces != nil && (at.Nonce || said.Nonce != "") && !v.Nonces.valid(said.Nonce):
		return refused(UseNonce, "without a nonce of ours, or with an old one")
	case said.Iat.Time().After(now.Add(skew)):
		return refused(InvalidProof, "from the future")
	case said.Iat.Time().Before(now.Add(-maxAge - skew)):
		return refused(InvalidProof, "too old")
	}
	return nil
}

// tokenHash is the claim ath: "the base64url-encoded SHA-256 hash of the ASCII
// encoding of the associated access token's value" (RFC 9449, section 4.2).
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Binding is what the request shows, before its proof is used up: for judging
// the rest of the request.
func (s *Shown) Binding() Binding { return s.binding }

// Spend uses up the proof and gives the binding. A proof that was used before
// is an *[Error] (RFC 9449, section 11.1); any other error is the store's.
func (s *Shown) Spend(ctx context.Context) (Binding, error) {
	if s.jti == "" {
		return s.binding, nil
	}
	err := s.v.Shorts.Create(ctx, store.Item{
		Kind: kindProof, Key: secret.Hash(s.binding.JKT, s.jti), Value: []byte{},
		Expires: s.until,
	})
	if fault.Is(err, fault.Exists) {
		return Binding{}, refused(InvalidProof, "used before")
	}
	if err != nil {
		return Binding{}, fault.At("proof.Spend", err)
	}
	return s.binding, nil
}

// Of is Check and Spend in one, for requests of which everything else is known
// to be right.
func (v *Verifier) Of(r *http.Request, at At) (Binding, error) {
	s, err := v.Check(r, at)
	if err != nil {
		return Binding{}, err
	}
	return s.Spend(r.Context())
}

// Use tells whether a resource may be used: the request came with at.Token
// under this authentication scheme, and the token is bound to b. A token bound
// to a key comes with the scheme DPoP and no other does (RFC 9449, section
// 7.1), so that a stolen one is worth nothing as a bearer token.
func (v *Verifier) Use(r *http.Request, at At, scheme string, b Binding) error {
	if at.Token == "" {
		return fault.Wrap(fault.Internal, "proof.Use", errors.New("there is no token"))
	}
	if !strings.EqualFold(scheme, b.TokenType()) {
		return refused(InvalidToken, "a token of another scheme")
	}
	if !b.Bound() {
		return nil
	}
	if b.JKT != "" && len(r.Header.Values("DPoP")) == 0 {
		return refused(InvalidProof, "no proof")
	}
	s, err := v.Check(r, at)
	if err != nil {
		return err
	}
	if !b.Matches(s.binding) {
		return refused(InvalidToken, "bound to another key or certificate")
	}
	_, err = s.Spend(r.Context())
	return err
}
