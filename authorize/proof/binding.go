package proof

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// Binding is what a token is bound to, or what a request shows. As JSON it is
// the claim cnf. The zero value is no binding.
type Binding struct {
	JKT     string `json:"jkt,omitempty"`      // thumbprint of the key of DPoP (RFC 9449, section 6)
	X5TS256 string `json:"x5t#S256,omitempty"` // hash of the certificate (RFC 8705, section 3.1)
}

// Bound tells whether there is a binding.
func (b Binding) Bound() bool { return b != Binding{} }

// Matches tells whether a request that shows all of shown may use what is bound
// to b. What is bound to nothing anybody may use.
func (b Binding) Matches(shown Binding) bool {
	return (b.JKT == "" || secret.Equal(b.JKT, shown.JKT)) && (b.X5TS256 == "" || secret.Equal(b.X5TS256, shown.X5TS256))
}

// TokenType is the token_type of an access token with this binding (RFC 9449,
// section 5; RFC 8705 leaves it Bearer).
func (b Binding) TokenType() string {
	if b.JKT != "" {
		return "DPoP"
	}
	return "Bearer"
}

// ValidThumbprint tells whether s has the form of a thumbprint, such as the
// parameter dpop_jkt must have (RFC 9449, section 10).
func ValidThumbprint(s string) bool { return secret.Valid(s) }

// certificate gives the hash of the certificate that the client showed when it
// connected, or "". Only a finished handshake proves that it has the key: early
// data may be a replay.
func certificate(r *http.Request) string {
	if r.TLS == nil || !r.TLS.HandshakeComplete || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	sum := sha256.Sum256(r.TLS.PeerCertificates[0].Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
