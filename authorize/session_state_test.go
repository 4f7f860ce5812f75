package authorize_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/checksession"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// checks gives a configuration the cookie and the frame.
func checks(cfg *parts) {
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		panic(err)
	}
	cfg.CheckSession, err = checksession.New(checksession.Config{Issuer: cfg.Issuer, Box: master.Box("check_session"), Origins: cfg.Clients.RedirectOrigins})
	if err != nil {
		panic(err)
	}
}

// heard is what an answer tells a client, in query or fragment.
func heard(t *testing.T, a answer) url.Values {
	t.Helper()
	if a.to == nil {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	raw := a.to.RawQuery
	if raw == "" {
		raw = a.to.Fragment
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Answers and errors say who is signed in at this browser, for the origin that
// they go to; an app has no page that could ask. OpenID Connect Session
// Management, section 2. OAU-40
func TestSessionState(t *testing.T) {
	w := newWorld(t, "", checks)
	b := w.browser()
	cookie := func() string {
		at, err := url.Parse(w.issuer)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Jar.Cookies(at) {
			if strings.HasSuffix(c.Name, ".session") {
				return c.Value
			}
		}
		return ""
	}
	state := func(name, want string, a answer) {
		t.Helper()
		got := heard(t, a).Get("session_state")
		if !checksession.Verify(got, "wiki", "https://wiki.example.com", cookie()) || (want == "somebody") != (cookie() != "") {
			t.Errorf("%s: %q with cookie %q", name, got, cookie())
		}
	}
	state("nobody", "", b.ask(request("prompt", "none")))
	b.signIn("alice", "local")
	state("alice", "somebody", b.ask(request()))
	state("a fragment", "somebody", b.ask(request("response_mode", "fragment")))
	state("refused", "somebody", b.ask(request("prompt", "none", "max_age", "0")))
	before := cookie()
	state("once more", "somebody", b.ask(request()))
	if cookie() != before {
		t.Error("the cookie changed without a reason")
	}
	if got := heard(t, b.ask(request("client_id", "spa", "redirect_uri", "com.example.app:/cb"))); got.Get("code") == "" || got.Has("session_state") {
		t.Errorf("an app: %v", got)
	}
	b.signIn("bob", "local")
	state("bob", "somebody", b.ask(request()))
	if cookie() == before {
		t.Error("bob has alice's cookie")
	}
	m := b.get(w.issuer + "/.well-known/openid-configuration").fields(t)
	address, _ := m["check_session_iframe"].(string)
	if page := b.get(address); page.StatusCode != http.StatusOK || !strings.Contains(page.Header.Get("Content-Security-Policy"), "https://wiki.example.com") {
		t.Errorf("%s: %d %v", address, page.StatusCode, page.Header)
	}
}

// Where it is not offered there is nothing of it.
func TestNoSessionState(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	a := b.ask(request())
	if q := heard(t, a); q.Get("code") == "" || q.Has("session_state") || strings.Contains(strings.Join(a.Header["Set-Cookie"], ""), ".session=") {
		t.Errorf("%v, %v", q, a.Header)
	}
	if m := b.get(w.issuer + "/.well-known/openid-configuration").fields(t); m["check_session_iframe"] != nil || b.get(w.issuer+"/check_session").StatusCode != 404 {
		t.Errorf("%v", m)
	}
}
