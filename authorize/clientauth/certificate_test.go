package clientauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// certify makes a certificate for a name, signed by parent, or by itself.
func certify(t testing.TB, name string, from, to time.Time, parent *pair) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Organization: []string{"Example"}}, NotBefore: from, NotAfter: to,
		DNSNames: []string{name}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: parent == nil, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	signer, by := template, key
	if parent != nil {
		signer, by = parent.cert, parent.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, signer, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return pair{cert, key}
}

// jwk gives the certificate's key as JWK.
func (p pair) jwk(t testing.TB) string {
	t.Helper()
	raw, err := p.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q}`, b64(raw[1:33]), b64(raw[33:]))
}

func (p pair) set(t testing.TB) jose.Set {
	t.Helper()
	set, err := jose.ParseSet([]byte(`{"keys":[` + p.jwk(t) + `]}`))
	if err != nil || set.Len() != 1 {
		t.Fatal(err, set.Len())
	}
	return set
}

// over is a finished connection on which a certificate was shown.
func over(p pair, verified bool) func(*http.Request) {
	return func(r *http.Request) {
		r.TLS = &tls.ConnectionState{HandshakeComplete: true, PeerCertificates: []*x509.Certificate{p.cert}}
		if verified {
			r.TLS.VerifiedChains = [][]*x509.Certificate{{p.cert}}
		}
	}
}

// RFC 8705, section 2.
func TestCertificates(t *testing.T) {
	w := newWorld(t, inMemory)
	now := w.clock.Now()
	from, to := now.Add(-time.Hour), now.Add(time.Hour)
	own, other := certify(t, "wiki.example.com", from, to, nil), certify(t, "other.example.com", from, to, nil)
	old, early := certify(t, "wiki.example.com", from, now.Add(-time.Second), nil), certify(t, "wiki.example.com", now.Add(time.Minute), to, nil)
	name := func(c client.Client) *client.Client {
		c.TokenEndpointAuthMethod = client.AuthTLS
		return &c
	}
	self := func(p pair) *client.Client {
		return &client.Client{TokenEndpointAuthMethod: client.AuthSelfSignedTLS, JWKS: p.set(t)}
	}
	byDNS := name(client.Client{TLSSANDNS: "wiki.example.com"})
	for _, c := range []struct {
		name   string
		client *client.Client
		conn   func(*http.Request)
		ok     bool
	}{
		{"by DNS name", byDNS, over(own, true), true},
		{"by subject", name(client.Client{TLSSubjectDN: "CN=wiki.example.com,O=Example"}), over(own, true), true},
		{"another name", byDNS, over(other, true), false},
		{"another subject", name(client.Client{TLSSubjectDN: "CN=wiki.example.com"}), over(own, true), false},
		{"nobody vouches", byDNS, over(own, false), false},
		{"expired", byDNS, over(old, true), false},
		{"not valid yet", byDNS, over(early, true), false},
		{"no TLS", byDNS, func(*http.Request) {}, false},
		{"no certificate", byDNS, func(r *http.Request) { r.TLS = &tls.ConnectionState{HandshakeComplete: true} }, false},
		{"early data", byDNS, func(r *http.Request) { over(own, true)(r); r.TLS.HandshakeComplete = false }, false}, // PRX-13

		{"self-signed", self(own), over(own, false), true},
		{"self-signed, another key", self(other), over(own, true), false},
		{"self-signed, expired", self(old), over(old, false), false},
		{"self-signed, none", self(own), func(*http.Request) {}, false},
		{"self-signed, no keys", &client.Client{TokenEndpointAuthMethod: client.AuthSelfSignedTLS}, over(own, true), false},

		{"registered for keys", &client.Client{TokenEndpointAuthMethod: client.AuthPrivateKey, JWKS: own.set(t)}, over(own, true), false},
		{"registered for secrets", &client.Client{}, over(own, true), false},
		{"public", &client.Client{Public: true}, over(own, true), true},
	} {
		c.client.ID = "tls"
		w.clients["tls"] = c.client
		got, kind := w.ask(request(c.conn), form("client_id", "tls"))
		if (got == "tls") != c.ok || !c.ok && kind != fault.Denied {
			t.Errorf("%s: %q, %v", c.name, got, kind)
		}
	}
	w.clients["tls"] = byDNS
	byDNS.ID = "tls"
	for name, p := range map[string]url.Values{
		"a secret": form("client_id", "tls", "client_secret", secret1), "an assertion": w.assert(w.said("tls")), "no client_id": nil, "unknown client": form("client_id", "nobody"),
	} {
		if got, kind := w.ask(request(over(own, true)), p); got != "" || kind != fault.Denied {
			t.Errorf("%s: %q, %v", name, got, kind)
		}
	}
	// A certificate on the connection is no second method: it may bind tokens.
	if got, _ := w.ask(request(over(own, true)), w.assert(w.said("keys"))); got != "keys" {
		t.Error("an assertion over mutual TLS is refused")
	}
}

// Keys of certificates that are published: fetched again when the certificate
// is new.
func TestRemoteCertificates(t *testing.T) {
	w, h := remoteWorld(t)
	now := w.clock.Now()
	one := certify(t, "one", now.Add(-time.Hour), now.Add(time.Hour), nil)
	w.clients["remote"].TokenEndpointAuthMethod = client.AuthSelfSignedTLS
	ask := func() string {
		got, _ := w.ask(request(over(one, false)), form("client_id", "remote"))
		return got
	}
	if ask() != "" {
		t.Error("a certificate of nobody")
	}
	h.publish(http.StatusOK, one.jwk(t))
	if ask() != "" || h.asked.Load() != 1 {
		t.Error("no pause between two requests")
	}
	w.clock.Add(time.Minute)
	if ask() != "remote" || h.asked.Load() != 2 {
		t.Errorf("the new certificate is not known after %d requests", h.asked.Load())
	}
}

// The same over real connections, with what Go's TLS server makes of them.
func TestRealHandshake(t *testing.T) {
	w := newWorld(t, inMemory)
	w.clock.Set(time.Now())
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	authority := certify(t, "authority", from, to, nil)
	good, self := certify(t, "wiki.example.com", from, to, &authority), certify(t, "wiki.example.com", from, to, nil)
	w.clients["tls"] = &client.Client{ID: "tls", TokenEndpointAuthMethod: client.AuthTLS, TLSSANDNS: "wiki.example.com"}
	w.clients["self"] = &client.Client{ID: "self", TokenEndpointAuthMethod: client.AuthSelfSignedTLS, JWKS: self.set(t)}
	serve := func(mode tls.ClientAuthType) *httptest.Server {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			c, err := w.Authenticate(r, r.URL.Query())
			if err != nil {
				c = &client.Client{ID: "refused"}
			}
			_ = json.NewEncoder(rw).Encode(c.ID)
		}))
		pool := x509.NewCertPool()
		pool.AddCert(authority.cert)
		s.TLS = &tls.Config{ClientAuth: mode, ClientCAs: pool}
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	verify, request := serve(tls.VerifyClientCertIfGiven), serve(tls.RequestClientCert)
	for _, c := range []struct {
		name   string
		server *httptest.Server
		cert   *pair
		id     string
		want   string
	}{
		{"verified", verify, &good, "tls", "tls"},
		{"verified, none shown", verify, nil, "tls", "refused"},
		{"verified, signed by itself", verify, &self, "tls", "no connection"},
		{"only requested", request, &good, "tls", "refused"},
		{"only requested, signed by itself", request, &self, "tls", "refused"},
		{"self-signed", request, &self, "self", "self"},
		{"self-signed, another", request, &good, "self", "refused"},
		{"self-signed, none", request, nil, "self", "refused"},
	} {
		if got := visit(t, c.server, c.cert, c.id); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// visit connects with a certificate and gives what the server says.
func visit(t *testing.T, s *httptest.Server, cert *pair, id string) string {
	t.Helper()
	transport := s.Client().Transport.(*http.Transport).Clone()
	if cert != nil {
		// Not in Certificates: of those only the ones the server asks for are shown.
		transport.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &tls.Certificate{Certificate: [][]byte{cert.cert.Raw}, PrivateKey: cert.key}, nil
		}
	}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get(s.URL + "/?client_id=" + id)
	if err != nil {
		return "no connection"
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(body), "\"\n")
}
