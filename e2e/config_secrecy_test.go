package e2e_test

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// secretive starts a login host with a provider and two clients whose secrets
// stand in a file and in the environment. Caddy saves its configuration, as it
// does unless it is told not to, and logs all it can.
func secretive(t *testing.T, secrets *overheard) *house {
	t.Helper()
	idp := fakeidp.Start(t)
	idp.ClientSecret = secrets.of("provider's secret")
	h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
	h.auth, h.cookie = fmt.Sprintf("http://auth.localhost:%d", h.port), fmt.Sprintf("gatehouse-%d", h.port)
	h.site = fmt.Sprintf("http://app.localhost:%d", h.port)
	idp.Redirect = h.auth + "/callback/work"
	eavesdrop(idp, secrets)
	h.Caddy = rig.Prepare(t, fmt.Sprintf(`{
	debug
	admin ADMIN
	gatehouse {
		issuer %[1]s
		users
		provider oidc work {
			issuer %[4]s
			client_id gatehouse
			client_secret {env.RIG_PROVIDER_SECRET}
			allow_private
		}
		client wiki {
			first_party
			secret {file.client.secret}
			redirect_uri http://localhost:9/callback
		}
		client blog {
			first_party
			secret {env.RIG_CLIENT_SECRET}
			redirect_uri http://localhost:9/blog
		}
	}
}
%[1]s {
	log
	gatehouse_portal
}
%[2]s {
	log
	gatehouse
	reverse_proxy %[3]s
}
`, h.auth, h.site, h.app.Addr(), idp.Issuer))
	write := func(name, text string) string {
		path := filepath.Join(h.Dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("SSL_CERT_FILE", write("ca.pem", certificate(t, idp)))
	t.Setenv("RIG_PROVIDER_SECRET", secrets.of("provider's secret"))
	t.Setenv("RIG_CLIENT_SECRET", secrets.of("client's secret from the environment"))
	write("client.secret", secrets.of("client's secret from a file")+"\n")
	return h
}

// overheard are canaries that the provider adds to while it works.
type overheard struct {
	mu sync.Mutex
	canaries
}

func (o *overheard) note(what, secret string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.canaries[what] = secret
}

func (o *overheard) of(what string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.canaries[what]
}

// eavesdrop notes everything between us and the provider that is nobody
// else's business.
func eavesdrop(idp *fakeidp.Provider, secrets *overheard) {
	idp.Set(fakeidp.Switches{
		Answer: func(q url.Values) {
			secrets.note("provider's code", q.Get("code"))
			secrets.note("provider's state", q.Get("state"))
		},
		Before: func(_ http.ResponseWriter, r *http.Request) bool {
			if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
				secrets.note("provider's access token", bearer)
			}
			if r.URL.Path == "/token" {
				secrets.note("provider's PKCE verifier", r.PostFormValue("code_verifier"))
			}
			return false
		},
		Token: func(_, claims map[string]any) { secrets.note("provider's nonce", fmt.Sprint(claims["nonce"])) },
	})
}

// certificate is the provider's, as a file has it.
func certificate(t *testing.T, idp *fakeidp.Provider) string {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(idp.Issuer, "https://"), &tls.Config{InsecureSkipVerify: true}) // to learn whom to trust, on loopback
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.ConnectionState().PeerCertificates[0].Raw}))
}

// JWT-09, CFG-02, SES-18, LOG-01: with secrets in files and in the environment,
// a login through a provider, and one with a mistyped and with the right
// password. None of the secrets is at the admin API, in Caddy's saved
// configuration, in the log at level DEBUG, or readable in any file but those
// that it was given in; nor is the master key.
func TestConfigHoldsNoSecrets(t *testing.T) {
	const mistyped = "canary-Tr0ub4dor"
	secrets := &overheard{canaries: canaries{
		"password": password, "mistyped password": mistyped, "provider's secret": "canary-provider-0123456789abcdefghij",
		"client's secret from a file": "canary-file-0123456789abcdefghijklmn", "client's secret from the environment": "canary-env-0123456789abcdefghijklmno",
	}}
	h := secretive(t, secrets)
	h.addUser("bob")
	h.Start()
	local := rig.NewBrowser(t)
	p := local.Get(h.site + "/a")
	p = local.Submit(p, map[string]string{"username": "bob", "password": mistyped})
	wantUser(t, local, local.Submit(p, map[string]string{"username": "bob", "password": password}), "bob")
	secrets.ofBrowser(h, "password's", local)
	federated := rig.NewBrowser(t)
	p = federated.Get(h.site + "/b")
	_, back, _ := strings.Cut(p.Body, `name="return_url" value="`)
	back, _, _ = strings.Cut(back, `"`)
	wantUser(t, federated, federated.Get(h.auth+"/login/work?return_url="+url.QueryEscape(html.UnescapeString(back))), "alice")
	secrets.ofBrowser(h, "provider's", federated)
	master, err := os.ReadFile(filepath.Join(h.Dir, "caddy", "gatehouse", "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	secrets.note("master key", strings.Trim(string(master), "=\n"))
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(string(master)))
	secrets.note("master key's bytes", string(raw))
	secrets.note("master key in hex", hex.EncodeToString(raw))
	for _, path := range []string{"/config/", "/config/apps/gatehouse", "/debug/vars", "/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2", "/metrics", "/reverse_proxy/upstreams"} {
		status, text := h.Admin(path)
		if path == "/config/" && (status != http.StatusOK || !strings.Contains(text, "{env.RIG_PROVIDER_SECRET}")) {
			t.Errorf("this test sees no configuration: %d %.300s", status, text)
		}
		secrets.absent(t, "the admin API at "+path, text)
	}
	h.Stop()
	secrets.absent(t, "the log", h.Log())
	h.filesHoldNo(t, secrets.canaries, 3)
}

// absent fails if a secret is in the text as it is or as it stands in a URL.
func (c canaries) absent(t *testing.T, where, text string) {
	t.Helper()
	for what, secret := range c {
		if len(secret) < 6 {
			t.Errorf("no %s was seen", what)
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("%s holds the %s: …%.200q…", where, what, text[max(0, i-100):])
			}
		}
	}
}

// filesHoldNo looks into every file that Caddy has made, databases and saved
// configurations included, of which there must be some.
func (h *house) filesHoldNo(t *testing.T, secrets canaries, some int) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(h.Dir, func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, h.Dir)
		if err != nil || !d.Type().IsRegular() || name == "/client.secret" || name == "/Caddyfile" || strings.HasSuffix(name, "/master.key") {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.HasSuffix(name, "autosave.json") || strings.HasSuffix(name, ".sqlite") {
			seen++
		}
		secrets.absent(t, name, string(text))
		return err
	})
	if err != nil || seen != some {
		t.Errorf("%d of %d files were seen: %v", seen, some, err)
	}
}

// ofBrowser notes the cookies of a browser and the tickets that it came by.
func (o *overheard) ofBrowser(h *house, whose string, b *rig.Browser) {
	o.note(whose+" session cookie", b.Cookie(h.auth, h.cookie))
	o.note(whose+" site cookie", b.Cookie(h.site, h.cookie))
	o.note(whose+" binder", b.Cookie(h.site, h.cookie+"-binder"))
	for _, address := range b.Trail {
		if _, ticket, found := strings.Cut(address, "gatehouse_ticket="); found {
			o.note(whose+" ticket", ticket)
		}
	}
}
