package authorize_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// post sends a form to an endpoint below the issuer. change may alter the
// request.
func (b *browser) post(path string, v url.Values, change ...func(*http.Request)) answer {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.w.issuer+path, strings.NewReader(v.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, f := range change {
		f(r)
	}
	return b.do(r)
}

// code brings a request that is answered at once, and gives its code.
func (b *browser) code(v url.Values) string {
	b.w.t.Helper()
	a := b.ask(v)
	if a.to == nil || a.to.Query().Get("code") == "" {
		b.w.t.Fatalf("no code: %d %v %s", a.StatusCode, a.to, a.body)
	}
	return a.to.Query().Get("code")
}

// redeem is the token request for a code of the wiki; pairs change it.
func redeem(code string, pairs ...string) url.Values {
	v := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {wikiURI}, "code_verifier": {verifier},
		"client_id": {"wiki"}, "client_secret": {wikiSecret},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			v.Del(pairs[i])
		}
	}
	return v
}

// fields decodes a JSON answer.
func (a answer) fields(t *testing.T) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatalf("%d %q: %v", a.StatusCode, a.body, err)
	}
	return out
}

// userinfo asks with a token.
func (b *browser) userinfo(token string) answer {
	b.w.t.Helper()
	r, _ := http.NewRequest(http.MethodGet, b.w.issuer+"/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return b.do(r)
}

// The whole way of a client: to the login, back, code, tokens, claims.
func TestFlow(t *testing.T) {
	for _, base := range []string{"", "/.gatehouse"} {
		w := newWorld(t, base)
		b := w.browser()
		a := b.ask(request("foo", "1")) // unknown parameters are ignored
		back, ok := a.atLogin(w)
		if !ok || a.Header.Get("Cache-Control") != "no-store" { // OAU-04, WEB-08
			t.Fatalf("not at the login page: %d %v", a.StatusCode, a.to)
		}
		w.clock.pass(time.Second)
		session := b.signIn("alice", "local")
		w.clock.pass(time.Second)
		a = b.get(back)
		if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.to.String(), wikiURI+"?") {
			t.Fatalf("no answer: %d %v", a.StatusCode, a.to)
		}
		q := a.to.Query()
		if q.Get("state") != "the state" || q.Get("iss") != w.issuer { // OAU-19, OAU-20
			t.Errorf("answer %v", a.to)
		}
		if got := w.sessions.joined[session.SID]; len(got) != 1 || got[0] != "wiki" {
			t.Errorf("joined %v", got)
		}
		a = b.post("/token", redeem(q.Get("code")))
		tokens := a.fields(t)
		if a.StatusCode != 200 || a.Header.Get("Cache-Control") != "no-store" || tokens["token_type"] != "Bearer" || tokens["expires_in"] != 300.0 { // OAU-30, WEB-08
			t.Fatalf("token answer: %d %s", a.StatusCode, a.body)
		}
		var claims struct {
			Iss, Sub, Aud, Nonce, SID, IDP, ACR string
			AMR                                 []string
			Exp, Iat, Nbf                       int64
			AuthTime                            int64  `json:"auth_time"`
			AtHash                              string `json:"at_hash"`
			Name                                string
		}
		if err := w.signer.Verify(t.Context(), tokens["id_token"].(string), "JWT", &claims); err != nil { // JWT-01
			t.Fatal(err)
		}
		if alg := part(t, tokens["id_token"].(string), 0)["alg"]; alg != "RS256" { // JWT-02: the default
			t.Errorf("signed with %v", alg)
		}
		now := w.clock.Now().Unix()
		if claims.Iss != w.issuer || claims.Sub != "alice" || claims.Aud != "wiki" || claims.Nonce != "n-1" || claims.Iat != now || claims.Nbf != now || claims.Exp != now+300 { // JWT-05
			t.Errorf("claims %+v", claims)
		}
		if claims.SID != session.SID || claims.IDP != "local" || claims.ACR != "1" || claims.AuthTime != session.At.Unix() || claims.AMR[0] != "pwd" || claims.AtHash == "" || claims.Name != "" { // OAU-18
			t.Errorf("claims %+v", claims)
		}
		info := b.userinfo(tokens["access_token"].(string)).fields(t)
		if info["sub"] != "alice" || info["name"] != "Name of alice" || info["email"] != "alice@example.com" || info["email_verified"] != true ||
			len(info["groups"].([]any)) != 2 || info["given_name"] != "Given" || info["preferred_username"] != "alice" || info["shoe"] != nil {
			t.Errorf("userinfo %v", info)
		}
	}
}

// The claims in the ID token, for a client that wants them there, and ES256.
func TestPublicClientWithClaimsInIDToken(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	code := b.code(request("client_id", "spa", "redirect_uri", "http://127.0.0.1:49152/cb", "scope", "openid email"))
	tokens := b.post("/token", redeem(code, "client_id", "spa", "client_secret", "", "redirect_uri", "http://127.0.0.1:49152/cb")).fields(t)
	var claims map[string]any
	if err := w.signer.Verify(t.Context(), tokens["id_token"].(string), "JWT", &claims); err != nil {
		t.Fatal(err)
	}
	if claims["email"] != "alice@example.com" || claims["name"] != nil || claims["groups"] != nil || tokens["scope"] != "openid email" {
		t.Errorf("claims %v", claims)
	}
	info := b.userinfo(tokens["access_token"].(string)).fields(t)
	if len(info) != 3 { // sub, email, email_verified: no more than the scopes
		t.Errorf("userinfo %v", info)
	}
}

// A plain OAuth client gets no ID token, and userinfo is not for it.
func TestWithoutOpenID(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	tokens := b.post("/token", redeem(b.code(request("client_id", "narrow", "scope", "api.read")), "client_id", "narrow")).fields(t)
	if tokens["id_token"] != nil || tokens["scope"] != "api.read" {
		t.Errorf("tokens %v", tokens)
	}
	a := b.userinfo(tokens["access_token"].(string))
	if a.StatusCode != 403 || !strings.Contains(a.Header.Get("WWW-Authenticate"), `error="insufficient_scope"`) {
		t.Errorf("userinfo: %d %v", a.StatusCode, a.Header)
	}
}

// POST: parameters sealed, no cookie read, 303 to GET.
func TestPost(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	reads := w.sessions.read
	a := b.post("/authorize", request("login_hint", "hidden-from-logs")) // OAU-04
	if a.StatusCode != 303 || !strings.HasPrefix(a.to.String(), w.issuer+"/authorize?gatehouse_post=") || w.sessions.read != reads || len(a.Cookies()) != 0 {
		t.Fatalf("%d %v, sessions read %d times", a.StatusCode, a.to, w.sessions.read-reads)
	}
	if strings.Contains(a.to.String(), "hidden") || strings.Contains(a.to.String(), "wiki") {
		t.Error("the parameters can be read in the address")
	}
	if got := b.get(a.to.String()); got.to.Query().Get("code") == "" || got.to.Query().Get("state") != "the state" {
		t.Errorf("answer %v", got.to)
	}
	back, ok := w.browser().get(a.to.String()).atLogin(w) // and through a login
	if !ok || !strings.Contains(back, "gatehouse_post=") {
		t.Errorf("return address %s", back)
	}
	cases := []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"text/plain", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 415}, // CSR-03
		{"multipart", func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") }, 415},
		{"no type", func(r *http.Request) { r.Header.Del("Content-Type") }, 415},
		{"compressed", func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 415}, // DOS-02
		{"charset", func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
		}, 303},
	}
	for _, c := range cases {
		if a := b.post("/authorize", request(), c.change); a.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", c.name, a.StatusCode, c.status)
		}
	}
	if a := b.post("/authorize", request("state", strings.Repeat("x", 70000))); a.StatusCode != 413 { // DOS-02
		t.Errorf("large body: %d", a.StatusCode)
	}
	twice := b.post("/authorize?client_id=wiki", request()) // in the query and in the body: twice
	if got := b.get(twice.to.String()); got.StatusCode != 400 {
		t.Errorf("client_id in query and body: %d", got.StatusCode)
	}
	if got := b.get(a.to.String() + "&state=other"); got.StatusCode != 400 {
		t.Errorf("a sealed request with an addition: %d", got.StatusCode)
	}
	if got := b.get(strings.Replace(a.to.String(), "gatehouse_post", "gatehouse_deny", 1)); got.StatusCode != 400 {
		t.Errorf("a posted request as a denied one: %d", got.StatusCode)
	}
}

// Strangers leave nothing behind: what has to survive the login is in the
// browser (SES-20).
func TestNothingIsKeptOfStrangers(t *testing.T) {
	w := newWorld(t, "")
	person := w.browser()
	person.signIn("alice", "local")
	person.code(request()) // what is kept once, of nobody, is there now
	b, before := w.browser(), len(w.shorts.dump)
	for _, v := range []url.Values{request(), request("prompt", "login"), request("max_age", "0"), request("prompt", "none"), request("scope", "admin"), request("client_id", "nobody"), w.visit(site, true)} {
		b.ask(v)
		if a := b.post("/authorize", v); a.to != nil {
			b.get(a.to.String())
		}
	}
	b.post("/token", redeem(secret.New()))
	b.userinfo(secret.New())
	if kept := w.shorts.dump[before:]; len(kept) != 0 {
		t.Errorf("kept: %q", kept)
	}
}

// The login page's cancel.
func TestDeny(t *testing.T) {
	w := newWorld(t, "/.gatehouse")
	b := w.browser()
	back, _ := b.ask(request("prompt", "login")).atLogin(w)
	u, _ := url.Parse(back)
	c, err := w.Context(t.Context(), u.RequestURI())
	if err != nil {
		t.Fatal(err)
	}
	deny := u.Scheme + "://" + u.Host + c.DenyURL
	for _, who := range []*browser{b, w.browser()} {
		q := who.get(deny).to.Query()
		if q.Get("error") != "access_denied" || q.Get("state") != "the state" || q.Get("iss") != w.issuer || q.Has("code") {
			t.Errorf("answer %v", q)
		}
	}
	b.signIn("alice", "local")
	if q := b.get(deny).to.Query(); q.Get("error") != "access_denied" { // a denial issues nothing, signed in or not
		t.Errorf("answer %v", q)
	}
	for name, address := range map[string]string{
		"changed": deny[:len(deny)-2] + "AA", "marked": back + "&gatehouse_deny=1", "empty": w.issuer + "/authorize?gatehouse_deny=",
	} {
		if a := b.get(address); a.StatusCode != 400 {
			t.Errorf("%s: %d %v", name, a.StatusCode, a.to)
		}
	}
	if _, err := w.Context(t.Context(), c.DenyURL); !fault.Is(err, fault.Invalid) {
		t.Errorf("a denial as return address: %v", err)
	}
}
