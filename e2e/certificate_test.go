package e2e_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// ownCertificate makes a key, a certificate that only its key vouches for, and
// the key set that registers it.
func ownCertificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	set := fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-256","x":"%s","y":"%s"}]}`, b64(point[1:33]), b64(point[33:]))
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, set
}

// by is an HTTP client that shows a certificate, if there is one, to hosts that
// are all on loopback with Caddy's own test authority.
func by(certificates ...tls.Certificate) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: certificates},
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				_, port, _ := net.SplitHostPort(addr)
				return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+port)
			},
		},
	}
}

// send posts a form and reads the JSON that comes back.
func send(t *testing.T, c *http.Client, address string, form url.Values) (int, map[string]any) {
	t.Helper()
	resp, err := c.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]any{}
	_ = json.Unmarshal(raw, &body)
	return resp.StatusCode, body
}

// A second host asks clients for their certificate; there they prove who they
// are and get tokens bound to it, and there is no page (RFC 8705, sections 2.2,
// 3 and 5; OAU-26, OAU-40). Everybody must push.
func TestCertificateHost(t *testing.T) {
	cert, set := ownCertificate(t)
	keys := filepath.Join(t.TempDir(), "bank.jwks")
	if err := os.WriteFile(keys, []byte(set), 0o600); err != nil {
		t.Fatal(err)
	}
	port := rig.Ports(t, 1)[0]
	auth, mtls := fmt.Sprintf("https://auth.localhost:%d", port), fmt.Sprintf("https://mtls.localhost:%d", port)
	h := &house{port: port, auth: auth, cookie: "__Host-Http-gatehouse"}
	h.Caddy = rig.Prepare(t, fmt.Sprintf(`{
	admin ADMIN
	persist_config off
	auto_https disable_redirects
	skip_install_trust
	local_certs
	gatehouse {
		issuer %[1]s
		certificate_base %[2]s
		require_pushed_requests
		users
		client bank {
			profile fapi2
			first_party
			auth_method self_signed_tls_client_auth
			jwks {file.%[3]s}
			redirect_uri https://bank.example.com/cb
			grant_types authorization_code client_credentials
			scopes openid api.read
		}
	}
}
%[1]s {
	gatehouse_portal
}
%[2]s {
	tls {
		client_auth {
			mode request
		}
	}
	gatehouse_portal
}
`, auth, mtls, keys))
	h.Start()
	for _, host := range []string{auth, mtls} {
		dial(t, h, host).Close()
	}
	resp, err := by().Get(auth + "/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var meta struct {
		Only    bool              `json:"require_pushed_authorization_requests"`
		Aliases map[string]string `json:"mtls_endpoint_aliases"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&meta); err != nil || !meta.Only {
		t.Fatalf("%+v, %v", meta, err)
	}
	for _, name := range []string{"token", "userinfo", "revocation", "introspection", "pushed_authorization_request", "device_authorization"} {
		if address := meta.Aliases[name+"_endpoint"]; !strings.HasPrefix(address, mtls+"/") {
			t.Errorf("%s is at %q", name, address)
		} else if status, _ := send(t, by(), address, url.Values{}); status == http.StatusNotFound || status >= 500 {
			t.Errorf("%s: %d", address, status)
		}
	}
	ask := url.Values{"grant_type": {"client_credentials"}, "client_id": {"bank"}, "scope": {"api.read"}}
	status, body := send(t, by(cert), meta.Aliases["token_endpoint"], ask)
	if status != http.StatusOK || body["token_type"] != "Bearer" || body["access_token"] == nil {
		t.Fatalf("%d %v", status, body)
	}
	token, _ := body["access_token"].(string)
	about := url.Values{"token": {token}, "client_id": {"bank"}}
	if _, body := send(t, by(cert), meta.Aliases["introspection_endpoint"], about); body["active"] != true || fmt.Sprint(body["cnf"]) == "<nil>" {
		t.Errorf("introspection: %v", body)
	}
	other, _ := ownCertificate(t)
	for name, c := range map[string]struct {
		client *http.Client
		at     string
	}{"no certificate": {by(), mtls}, "another certificate": {by(other), mtls}, "where nobody asks for it": {by(cert), auth}} {
		if status, body := send(t, c.client, c.at+"/token", ask); status != http.StatusUnauthorized || body["error"] != "invalid_client" {
			t.Errorf("%s: %d %v", name, status, body)
		}
	}
	pushed := url.Values{
		"client_id": {"bank"}, "response_type": {"code"}, "redirect_uri": {"https://bank.example.com/cb"}, "scope": {"openid"},
		"code_challenge": {strings.Repeat("A", 43)}, "code_challenge_method": {"S256"},
	}
	if status, body := send(t, by(cert), meta.Aliases["pushed_authorization_request_endpoint"], pushed); status != http.StatusCreated || body["request_uri"] == nil {
		t.Errorf("pushed: %d %v", status, body)
	}
	for _, path := range []string{"/", "/login", "/authorize?" + pushed.Encode(), "/setup", "/jwks", "/.well-known/openid-configuration", "/static/"} {
		resp, err := by().Get(mtls + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound || resp.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d on the host for certificates", path, resp.StatusCode)
		}
	}
}
