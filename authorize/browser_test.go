package authorize_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// browser keeps cookies and does not follow redirects.
type browser struct {
	*http.Client
	w *world
}

func (w *world) browser() *browser {
	j, _ := cookiejar.New(nil)
	return &browser{&http.Client{Jar: j, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, w}
}

// signIn puts a session into the browser, as the login page does.
func (b *browser) signIn(sub, idp string) *identity.Session {
	s := &identity.Session{
		SID: secret.New(), Began: b.w.clock.Now(),
		User: &identity.User{
			Subject: identity.Subject(sub), Username: sub, Name: "Name of " + sub, Email: sub + "@example.com", EmailVerified: true,
			Groups: []string{"admins", "staff"}, Claims: map[string]string{"given_name": "Given", "shoe": "42"},
		},
		Login: identity.Login{IDP: idp, AMR: []string{"pwd"}, At: b.w.clock.Now(), ACR: "1"},
	}
	handle := secret.New()
	b.w.sessions.mu.Lock()
	b.w.sessions.bySID[s.SID], b.w.sessions.cookies[handle] = s, s.SID
	b.w.sessions.mu.Unlock()
	u, _ := url.Parse(b.w.issuer)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: "gatehouse", Value: handle, Path: "/"}})
	return s
}

// answer is a response with what tests look at.
type answer struct {
	*http.Response
	body string
	to   *url.URL
}

func (b *browser) do(r *http.Request) answer {
	b.w.t.Helper()
	res, err := b.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	a := answer{Response: res, body: string(body)}
	if l := res.Header.Get("Location"); l != "" {
		if a.to, err = res.Location(); err != nil {
			b.w.t.Fatal(err)
		}
	}
	if res.StatusCode >= 500 && b.w.sessions.broken == nil && !b.w.failing {
		b.w.t.Errorf("%s %s: status %d: %s", r.Method, r.URL.Path, res.StatusCode, body)
	}
	return a
}

func (b *browser) get(address string) answer {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.do(r)
}

// ask brings an authorization request.
func (b *browser) ask(v url.Values) answer {
	b.w.t.Helper()
	return b.get(b.w.issuer + "/authorize?" + v.Encode())
}

// atLogin tells whether an answer leads to the login page, and gives the
// address it would return to.
func (a answer) atLogin(w *world) (string, bool) {
	if a.StatusCode != http.StatusSeeOther || a.to == nil || !strings.HasPrefix(a.to.String(), w.issuer+"/login?") {
		return "", false
	}
	u, _ := url.Parse(w.issuer)
	return u.Scheme + "://" + u.Host + a.to.Query().Get("return_url"), true
}

// verifier is a fixed PKCE verifier, challenge what is made of it.
var verifier = strings.Repeat("v-._~", 10)

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// request is a good request of the wiki; pairs change it, "" removes.
func request(pairs ...string) url.Values {
	v := url.Values{
		"client_id": {"wiki"}, "redirect_uri": {wikiURI}, "response_type": {"code"}, "scope": {"openid profile email groups"},
		"state": {"the state"}, "nonce": {"n-1"}, "code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			v.Del(pairs[i])
		}
	}
	return v
}
