package clientauth

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// certificate checks the certificate that the client showed when it connected
// (RFC 8705, section 2). Only a finished handshake proves that it has the key:
// early data may be a replay.
func (a *Authenticator) certificate(r *http.Request, c *client.Client, method client.AuthMethod) error {
	if r.TLS == nil || !r.TLS.HandshakeComplete || len(r.TLS.PeerCertificates) == 0 {
		return refused("there is no certificate")
	}
	cert, now := r.TLS.PeerCertificates[0], a.Now()
	if now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return refused("the certificate is not valid now")
	}
	if method == client.AuthTLS {
		// Without a chain nobody but the client itself says who it is.
		if len(r.TLS.VerifiedChains) == 0 {
			return refused("the certificate was not verified against an authority")
		}
		if !c.Named(cert) {
			return refused("the certificate bears another name")
		}
		return nil
	}
	held, err := a.Keys.holds(r.Context(), c, cert.PublicKey)
	switch {
	case err != nil && !fault.Is(err, fault.Denied):
		return fault.At(op, err)
	case !held:
		return refused("the certificate's key is none of the client's")
	}
	return nil
}
