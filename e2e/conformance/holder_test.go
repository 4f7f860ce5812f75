package conformance_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// holder is what a client of FAPI 2.0 holds: what it proves itself with, and
// what its tokens are bound to.
type holder struct {
	auth *signer      // signs its assertions. Nil: the certificate proves the client
	dpop *signer      // makes its proofs. Nil: tokens are bound to the certificate
	http *http.Client // connects with its certificate, if it has one
}

// equip makes the keys and certificates of the clients of FAPI 2.0, and the
// files that the Caddyfile names.
func (op *provider) equip(t *testing.T) {
	t.Helper()
	ca := newAuthority(t)
	op.holders = map[string]*holder{}
	for i, c := range secured() {
		h := &holder{http: op.client}
		if c.bound == byKey {
			h.dpop = newSigner(t, "ES256")
		}
		if c.proves == byKey {
			h.auth = newSigner(t, []string{"PS256", "ES256"}[i%2]) // the first of each pair has an RSA key
			op.put(t, c.id+".jwks", marshal(t, map[string]any{"keys": []any{h.auth.jwk(t)}}))
		}
		if c.proves == byCertificate || c.bound == byCertificate {
			h.http = op.connecting(t, ca.issue(t, c.id))
		}
		op.holders[c.id] = h
	}
	for _, c := range signing() {
		h := &holder{auth: newSigner(t, "ES256"), http: op.client}
		op.put(t, c.id+".jwks", marshal(t, map[string]any{"keys": []any{h.auth.jwk(t)}}))
		op.holders[c.id] = h
	}
	op.put(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}))
}

// put writes a file beside the Caddyfile.
func (op *provider) put(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(op.Dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// connecting is op.client with a certificate.
func (op *provider) connecting(t *testing.T, cert tls.Certificate) *http.Client {
	transport := op.client.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.Certificates = []tls.Certificate{cert}
	c := &http.Client{Timeout: op.client.Timeout, Transport: transport}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// authority issues the certificates of clients.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	a := authority{&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "clients"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil}
	cert := a.sign(t, a.cert)
	return authority{cert.Leaf, cert.PrivateKey.(*ecdsa.PrivateKey)}
}

// issue makes a certificate for a client.
func (a authority) issue(t *testing.T, name string) tls.Certificate {
	t.Helper()
	return a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// sign gives a certificate with a new key, signed by that key itself if the
// authority has none yet.
func (a authority) sign(t *testing.T, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	by := a.key
	if by == nil {
		by = key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}
}
