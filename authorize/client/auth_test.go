package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

func keySet(t testing.TB) jose.Set {
	t.Helper()
	key, err := jose.Generate(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	return jose.NewSet(key.Public())
}

func TestValidateAuth(t *testing.T) {
	set := keySet(t)
	type change func(*client.Client)
	with := func(method client.AuthMethod, more ...change) change {
		return func(c *client.Client) {
			c.TokenEndpointAuthMethod, c.Secrets = method, nil
			for _, f := range more {
				f(c)
			}
		}
	}
	inline := func(c *client.Client) { c.JWKS = set }
	remote := func(c *client.Client) { c.JWKSURI = "https://wiki.example.com/jwks" }
	secret := func(c *client.Client) { c.Secrets = good().Secrets }
	for _, c := range []struct {
		name   string
		change change
		want   string // what the error says, "" for none
	}{
		{"basic", with(client.AuthBasic, secret), ""},
		{"post with keys for requests", with(client.AuthPost, secret, remote), ""},
		{"basic without a secret", with(client.AuthBasic), "confidential client needs one"},
		{"none", with(client.AuthNone), "a public client has none"},
		{"public, none", with(client.AuthNone, func(c *client.Client) { c.Public = true }), ""},
		{"public, basic", with(client.AuthBasic, func(c *client.Client) { c.Public = true }), "a public client has none"},
		{"secret JWT", with("client_secret_jwt", secret), "must be one of"}, // OAU-11
		{"keys", with(client.AuthPrivateKey, inline), ""},
		{"keys elsewhere", with(client.AuthPrivateKey, remote), ""},
		{"no keys", with(client.AuthPrivateKey), "needs the client's public keys"},
		{"keys twice", with(client.AuthPrivateKey, inline, remote), "must not stand beside"},
		{"keys and a secret", with(client.AuthPrivateKey, inline, secret), "has none"},
		{"keys in the clear", with(client.AuthPrivateKey, func(c *client.Client) { c.JWKSURI = "http://wiki.example.com/jwks" }), "jwks_uri"},
		{"self-signed", with(client.AuthSelfSignedTLS, inline), ""},
		{"self-signed without keys", with(client.AuthSelfSignedTLS), "needs the client's public keys"},
		{"TLS", with(client.AuthTLS, func(c *client.Client) { c.TLSSubjectDN = "CN=wiki, O=Example" }), ""},
		{"TLS without a name", with(client.AuthTLS), "exactly one"},
		{"TLS with two names", with(client.AuthTLS, func(c *client.Client) { c.TLSSANDNS, c.TLSSANIP = "a.example", "::1" }), "exactly one"},
		{"a name without TLS", func(c *client.Client) { c.TLSSANDNS = "a.example" }, "for auth_method tls_client_auth only"},
		{"a bad DN", with(client.AuthTLS, func(c *client.Client) { c.TLSSubjectDN = "wiki" }), "distinguished name"},
		{"a wildcard", with(client.AuthTLS, func(c *client.Client) { c.TLSSANDNS = "*.example" }), "without wildcard"},
		{"a bad URI", with(client.AuthTLS, func(c *client.Client) { c.TLSSANURI = "/x" }), "absolute address"},
		{"a bad IP", with(client.AuthTLS, func(c *client.Client) { c.TLSSANIP = "10.0.0.0/8" }), "IP address"},
		{"a bad mail", with(client.AuthTLS, func(c *client.Client) { c.TLSSANEmail = "wiki" }), "mail address"},
		{"an algorithm", with(client.AuthPrivateKey, inline, func(c *client.Client) { c.TokenEndpointAuthSigningAlg = "ES256" }), ""},
		{"HMAC", with(client.AuthPrivateKey, inline, func(c *client.Client) { c.TokenEndpointAuthSigningAlg = "HS256" }), "assertion_alg"},                           // JWT-03
		{"no algorithm", with(client.AuthPrivateKey, inline, func(c *client.Client) { c.TokenEndpointAuthSigningAlg = "none" }), "assertion_alg"},                    // JWT-02
		{"strict RS256", with(client.AuthPrivateKey, inline, func(c *client.Client) { c.TokenEndpointAuthSigningAlg, c.StrictAssertions = "RS256", true }), "RS256"}, // JWT-02
	} {
		changed := good()
		c.change(changed)
		err := changed.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAccepts(t *testing.T) {
	for _, c := range []struct {
		client client.Client
		takes  []client.AuthMethod
	}{
		{client.Client{}, []client.AuthMethod{client.AuthBasic, client.AuthPost}},
		{client.Client{Public: true}, []client.AuthMethod{client.AuthNone}},
		{client.Client{TokenEndpointAuthMethod: client.AuthBasic}, []client.AuthMethod{client.AuthBasic}},
		{client.Client{TokenEndpointAuthMethod: client.AuthPost}, []client.AuthMethod{client.AuthPost}},
		{client.Client{TokenEndpointAuthMethod: client.AuthPrivateKey}, []client.AuthMethod{client.AuthPrivateKey}},
		{client.Client{TokenEndpointAuthMethod: client.AuthTLS}, []client.AuthMethod{client.AuthTLS}},
		{client.Client{TokenEndpointAuthMethod: client.AuthSelfSignedTLS}, []client.AuthMethod{client.AuthSelfSignedTLS}},
	} {
		for _, m := range client.AuthMethods() {
			if c.client.Accepts(m) != slices.Contains(c.takes, m) {
				t.Errorf("%s accepts %s: %v", c.client.AuthMethod(), m, c.client.Accepts(m))
			}
		}
	}
	for _, c := range []struct {
		client client.Client
		algs   string
	}{
		{client.Client{}, "PS256 ES256 EdDSA Ed25519 RS256"},
		{client.Client{StrictAssertions: true}, "PS256 ES256 EdDSA Ed25519"}, // JWT-02
		{client.Client{TokenEndpointAuthSigningAlg: "RS256"}, "RS256"},
		{client.Client{TokenEndpointAuthSigningAlg: "RS256", StrictAssertions: true}, ""},
	} {
		if got := strings.Join(c.client.AssertionAlgs(), " "); got != c.algs {
			t.Errorf("got %s, want %s", got, c.algs)
		}
	}
}

// certificate makes one with this subject, in the order given, and these names.
func certificate(t testing.TB, subject pkix.RDNSequence, names x509.Certificate) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	names.SerialNumber, names.NotBefore, names.NotAfter = big.NewInt(1), time.Unix(0, 0), time.Unix(1<<32, 0)
	if names.RawSubject, err = asn1.Marshal(subject); err != nil {
		t.Fatal(err)
	}
	raw, err := x509.CreateCertificate(rand.Reader, &names, &names, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// at is one attribute, named by the last arc of 2.5.4.
func at(arc int, value string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, arc}, Value: value}
}

// The subject is compared exactly, in every way RFC 4514 has of writing it.
func TestSubjectDN(t *testing.T) {
	plain := pkix.RDNSequence{{at(6, "DE")}, {at(10, "Example, Inc.")}, {at(3, "wiki")}}
	multi := pkix.RDNSequence{{at(3, "wiki"), at(11, "it")}}
	odd := pkix.RDNSequence{{at(3, " #ä+\"\\\x00 ")}}
	two := pkix.RDNSequence{{at(3, "admin")}, {at(3, "wiki")}}
	for _, c := range []struct {
		subject pkix.RDNSequence
		dn      string
		want    bool
	}{
		{plain, `CN=wiki,O=Example\, Inc.,C=DE`, true},
		{plain, `CN=wiki, O=Example\, Inc., C=DE`, true},
		{plain, `cn = wiki , o = Example\2C Inc. , c = DE`, true},
		{plain, `2.5.4.3=wiki,OID.2.5.4.10=Example\, Inc.,C=DE`, true},
		{plain, `CN=#0c0477696b69,O=Example\, Inc.,C=DE`, true}, // RFC 4514, section 2.4
		{plain, `C=DE,O=Example\, Inc.,CN=wiki`, false},
		{plain, `CN=Wiki,O=Example\, Inc.,C=DE`, false},
		{plain, `CN=wiki,O=Example\, Inc.`, false},
		{plain, `O=Example\, Inc.,C=DE`, false},
		{plain, `CN=wiki,O=Example,C=DE`, false},
		{multi, `CN=wiki+OU=it`, true},
		{multi, `OU=it+CN=wiki`, true},
		{multi, `CN=wiki,OU=it`, false},
		{multi, `CN=wiki\+OU=it`, false},
		{odd, `CN=\ #ä\+\"\\\00\ `, true},
		{odd, `CN=#ä`, false},
		{two, `CN=wiki`, false},
		{two, `CN=wiki,CN=admin`, true},
		{nil, `CN=wiki`, false},
		{nil, ``, false},
	} {
		registered := &client.Client{TokenEndpointAuthMethod: client.AuthTLS, TLSSubjectDN: c.dn}
		if got := registered.Named(certificate(t, c.subject, x509.Certificate{})); got != c.want {
			t.Errorf("%v is called %s: %v", c.subject, c.dn, got)
		}
	}
}

func TestAlternativeNames(t *testing.T) {
	u, err := url.Parse("spiffe://example.com/wiki")
	if err != nil {
		t.Fatal(err)
	}
	cert := certificate(t, pkix.RDNSequence{{at(3, "wiki.example.com")}}, x509.Certificate{
		DNSNames: []string{"other.example.com", "wiki.example.com"}, EmailAddresses: []string{"wiki@example.com"},
		IPAddresses: []net.IP{net.ParseIP("10.0.0.1"), net.ParseIP("2001:db8::1")}, URIs: []*url.URL{u},
	})
	for name, c := range map[string]struct {
		client client.Client
		want   bool
	}{
		"dns":          {client.Client{TLSSANDNS: "wiki.example.com"}, true},
		"dns, other":   {client.Client{TLSSANDNS: "iki.example.com"}, false},
		"dns, case":    {client.Client{TLSSANDNS: "Wiki.example.com"}, false},
		"uri":          {client.Client{TLSSANURI: "spiffe://example.com/wiki"}, true},
		"uri, longer":  {client.Client{TLSSANURI: "spiffe://example.com/wiki/"}, false},
		"ip":           {client.Client{TLSSANIP: "10.0.0.1"}, true},
		"ip, v6":       {client.Client{TLSSANIP: "2001:DB8:0::1"}, true},
		"ip, other":    {client.Client{TLSSANIP: "10.0.0.2"}, false},
		"ip, none":     {client.Client{TLSSANIP: "x"}, false},
		"mail":         {client.Client{TLSSANEmail: "wiki@example.com"}, true},
		"mail as dns":  {client.Client{TLSSANDNS: "wiki@example.com"}, false},
		"nothing said": {client.Client{}, false},
	} {
		if got := c.client.Named(cert); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// FuzzDN: no text of a certificate passes for a name of another structure. A
// common name alone is only matched by a text with one attribute.
func FuzzDN(f *testing.F) {
	for _, dn := range []string{`CN=wiki`, `CN=wiki,O=x`, `CN=#0c0477696b69`, `CN=\2c`, `CN=a+CN=b`, `CN=`, `=x`, `CN=\`, `CN="x"`, ` cn = a\20 `, `OID.2.5.4.3=x`, `1..2=x`} {
		f.Add(dn, "wiki")
	}
	cert := certificate(f, pkix.RDNSequence{{at(3, "wiki")}}, x509.Certificate{})
	f.Fuzz(func(t *testing.T, dn, name string) {
		c := &client.Client{TokenEndpointAuthMethod: client.AuthTLS, TLSSubjectDN: dn}
		raw, err := asn1.Marshal(pkix.RDNSequence{{at(3, name)}})
		if err != nil {
			return
		}
		fake := *cert
		fake.RawSubject = raw
		if !c.Named(&fake) {
			return
		}
		simple := strings.NewReplacer(",", "", "+", "", "\\", "", "#", "").Replace(name) == name && strings.TrimSpace(name) == name
		_, value, _ := strings.Cut(dn, "=")
		if simple && !strings.ContainsAny(value, `\#`) && strings.Trim(value, " ") != name {
			t.Fatalf("%q passes for %q", name, dn)
		}
	})
}
