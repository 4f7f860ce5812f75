package e2e_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// relyingParty is a client of the house, as far as a test has to be one.
type relyingParty struct {
	t           *testing.T
	h           *house
	id, secret  string
	redirectURI string
	verifier    string
	scope       string
}

// newRelyingParty is one whose callback is answered by nobody.
func newRelyingParty(t *testing.T, h *house, id, secret string) *relyingParty {
	return &relyingParty{t: t, h: h, id: id, secret: secret, redirectURI: "http://localhost:1/callback", verifier: strings.Repeat("v", 43), scope: "openid email"}
}

// ask is the address of an authorization request.
func (p *relyingParty) ask() string {
	sum := sha256.Sum256([]byte(p.verifier))
	return p.h.auth + "/authorize?" + url.Values{
		"client_id": {p.id}, "redirect_uri": {p.redirectURI}, "response_type": {"code"}, "scope": {p.scope}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode()
}

// code has the person at b sign in and, if they are asked, answer, and gives the
// code.
func (p *relyingParty) code(b *rig.Browser, user string, answer map[string]string) string {
	p.t.Helper()
	page := p.visit(b, p.ask())
	if strings.Contains(page.URL.Path, "/login") {
		page = p.submit(b, page, map[string]string{"username": user, "password": password})
	}
	if page.URL.Path == "/consent" {
		page = p.submit(b, page, answer)
	}
	code := page.URL.Query().Get("code")
	if code == "" {
		p.t.Fatalf("no code but %s (%d): %.500s", page.URL, page.Status, page.Body)
	}
	return code
}

// visit follows redirects up to the callback, which nobody answers.
func (p *relyingParty) visit(b *rig.Browser, address string) *rig.Page {
	p.t.Helper()
	return p.follow(b, b.Step(address))
}

func (p *relyingParty) submit(b *rig.Browser, page *rig.Page, fields map[string]string) *rig.Page {
	p.t.Helper()
	return p.follow(b, b.SubmitStep(page, fields))
}

func (p *relyingParty) follow(b *rig.Browser, page *rig.Page) *rig.Page {
	p.t.Helper()
	for range 10 {
		next, err := page.URL.Parse(page.Header.Get("Location"))
		if page.Status/100 != 3 || err != nil {
			return page
		}
		if strings.HasPrefix(next.String(), p.redirectURI) {
			return &rig.Page{URL: next}
		}
		page = b.Step(next.String())
	}
	p.t.Fatalf("redirects without end, at %s", page.URL)
	return nil
}

// token asks the token endpoint.
func (p *relyingParty) token(fields url.Values) (int, map[string]any) {
	p.t.Helper()
	if p.secret == "" {
		fields.Set("client_id", p.id)
	}
	req, err := http.NewRequest(http.MethodPost, p.h.auth+"/token", strings.NewReader(fields.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.secret != "" {
		req.SetBasicAuth(p.id, p.secret)
	}
	return answer(p.t, req)
}

func (p *relyingParty) redeem(code string) (int, map[string]any) {
	p.t.Helper()
	return p.token(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.redirectURI}, "code_verifier": {p.verifier}})
}

func (p *relyingParty) refresh(token any) (int, map[string]any) {
	p.t.Helper()
	return p.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {fmt.Sprint(token)}})
}

func (p *relyingParty) userinfo(token any) (int, map[string]any) {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.h.auth+"/userinfo", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", fmt.Sprint("Bearer ", token))
	return answer(p.t, req)
}

// answer sends a request from somewhere else than a browser, and reads JSON.
func answer(t *testing.T, req *http.Request) (int, map[string]any) {
	t.Helper()
	resp := rig.NewBrowser(t).Do(req)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if len(raw) > 0 && json.Unmarshal(raw, &body) != nil {
		t.Fatalf("%s: %d, not JSON: %.300s", req.URL, resp.StatusCode, raw)
	}
	return resp.StatusCode, body
}

// within waits for what a running server must do within a second.
func within(t *testing.T, what string, seen func() bool) {
	t.Helper()
	for begin := time.Now(); !seen(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > time.Second {
			t.Fatalf("%s: not after a second", what)
		}
	}
}

// unknown tells whether the authorize endpoint does not know the client.
func (p *relyingParty) unknown() bool {
	resp := status(rig.NewBrowser(p.t), http.MethodGet, p.ask(), map[string]string{"Accept": "text/html"})
	return resp.StatusCode == http.StatusBadRequest
}

// addClient makes a client by the command and gives its secret.
func (h *house) addClient(t *testing.T, id string, more ...string) string {
	t.Helper()
	var made struct {
		Secret string `json:"client_secret"`
	}
	out := h.must("", append([]string{"gatehouse", "client", "add", id, "--json"}, more...)...)
	_, out, _ = strings.Cut(out, "\n") // which database it is
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return made.Secret
}

// A client that is added while the server runs is accepted within a second, for
// all that a client does. One that is deleted is refused within a second, with
// everything that it holds, and its id means nothing to whoever gets it next:
// neither its tokens nor what people allowed come back with it.
func TestClientByCommand(t *testing.T) {
	h := loginHost(t, "", "")
	wiki := newRelyingParty(t, h, "wiki", "")
	flags := []string{"--redirect-uri", wiki.redirectURI, "--grant-types", "authorization_code,refresh_token"}
	if !wiki.unknown() { // and from now on the server remembers that there is none
		t.Fatal("there is a client already")
	}
	wiki.secret = h.addClient(t, "wiki", flags...)
	within(t, "added", func() bool { return !wiki.unknown() })

	alice := rig.NewBrowser(t)
	code, tokens := wiki.redeem(wiki.code(alice, "alice", map[string]string{"action": "allow", "remember": "1"}))
	if code != http.StatusOK || tokens["id_token"] == nil {
		t.Fatalf("%d, %v", code, tokens)
	}
	if code, claims := wiki.userinfo(tokens["access_token"]); code != http.StatusOK || claims["email"] != "alice@example.com" {
		t.Errorf("userinfo: %d, %v", code, claims)
	}
	if code, again := wiki.refresh(tokens["refresh_token"]); code != http.StatusOK {
		t.Errorf("refresh: %d, %v", code, again)
	}
	if p := wiki.visit(alice, wiki.ask()); p.URL.Query().Get("code") == "" { // the consent is remembered
		t.Errorf("the second time led to %s", p.URL)
	}

	h.must("", "gatehouse", "client", "delete", "wiki")
	within(t, "deleted", wiki.unknown)
	if code, no := wiki.refresh(tokens["refresh_token"]); code != http.StatusUnauthorized || no["error"] != "invalid_client" {
		t.Errorf("refresh after deletion: %d, %v", code, no)
	}
	if code, _ := wiki.userinfo(tokens["access_token"]); code != http.StatusUnauthorized {
		t.Errorf("userinfo after deletion: %d", code)
	}

	wiki.secret = h.addClient(t, "wiki", flags...) // somebody else, perhaps
	within(t, "added again", func() bool { return !wiki.unknown() })
	if code, no := wiki.refresh(tokens["refresh_token"]); code != http.StatusBadRequest || no["error"] != "invalid_grant" {
		t.Errorf("refresh by a client of the same id: %d, %v", code, no)
	}
	if p := wiki.visit(alice, wiki.ask()); p.URL.Path != "/consent" {
		t.Errorf("a client of the same id is trusted: %s", p.URL)
	}
}
