package authorize_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// Access tokens at the userinfo endpoint.
func TestUserInfo(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	session := b.signIn("alice", "local")
	tokens := b.post("/token", redeem(b.code(request()))).fields(t)
	token, id := tokens["access_token"].(string), tokens["id_token"].(string)
	with := func(method, header, query, body string) answer {
		r, _ := http.NewRequest(method, w.issuer+"/userinfo"+query, strings.NewReader(body))
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		return b.do(r)
	}
	code := b.code(request())
	cases := []struct {
		name   string
		a      answer
		status int
		error  string
	}{
		{"GET", with("GET", "Bearer "+token, "", ""), 200, ""},
		{"POST", with("POST", "Bearer "+token, "", ""), 200, ""},
		{"POST with a body", with("POST", "bearer "+token, "", "a=b"), 200, ""},
		{"nothing", with("GET", "", "", ""), 401, ""},
		{"Basic", with("GET", "Basic "+token, "", ""), 401, ""},
		{"ID token", with("GET", "Bearer "+id, "", ""), 401, "invalid_token"},     // OAU-35
		{"code", with("GET", "Bearer "+code, "", ""), 401, "invalid_token"},       // OAU-35
		{"sid", with("GET", "Bearer "+session.SID, "", ""), 401, "invalid_token"}, // OAU-35
		{"made up", with("GET", "Bearer "+secret.New(), "", ""), 401, "invalid_token"},
		{"cut", with("GET", "Bearer "+token[:42], "", ""), 401, "invalid_token"}, // zitadel CVE-2026-27840
		{"longer", with("GET", "Bearer "+token+"A", "", ""), 401, "invalid_token"},
		{"other case", with("GET", "Bearer "+strings.ToUpper(token), "", ""), 401, "invalid_token"},
		{"empty", with("GET", "Bearer ", "", ""), 401, "invalid_token"},
		{"in the query", with("GET", "", "?access_token="+token, ""), 400, "invalid_request"},                 // OAU-36
		{"in the body", with("POST", "", "", "access_token="+token), 400, "invalid_request"},                  // OAU-36
		{"twice", with("GET", "Bearer "+token, "?access_token="+token, ""), 400, "invalid_request"},           // OAU-36
		{"large body", with("POST", "Bearer "+token, "", strings.Repeat("x", 70000)), 413, "invalid_request"}, // DOS-02
	}
	for _, c := range cases {
		if c.a.StatusCode != c.status {
			t.Errorf("%s: %d %s", c.name, c.a.StatusCode, c.a.body)
		}
		header := c.a.Header.Get("WWW-Authenticate")
		if c.status == 200 != (header == "") || c.error != "" && !strings.Contains(header, `error="`+c.error+`"`) || c.error == "" && strings.Contains(header, "error") { // RFC 6750 3
			t.Errorf("%s: WWW-Authenticate %q", c.name, header)
		}
		if c.a.Header.Get("Cache-Control") != "no-store" || c.a.Header.Get("Content-Type") != "application/json; charset=utf-8" { // WEB-07, WEB-08
			t.Errorf("%s: headers %v", c.name, c.a.Header)
		}
	}
}

// An access token lives for five minutes, and no longer than its session.
func TestAccessTokenLife(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	session := b.signIn("alice", "local")
	token := b.post("/token", redeem(b.code(request()))).fields(t)["access_token"].(string)
	w.clock.pass(5*time.Minute - time.Second)
	if a := b.userinfo(token); a.StatusCode != 200 {
		t.Errorf("before its end: %d", a.StatusCode)
	}
	w.clock.pass(time.Second)
	if a := b.userinfo(token); a.StatusCode != 401 {
		t.Errorf("after its end: %d", a.StatusCode)
	}
	token = b.post("/token", redeem(b.code(request()))).fields(t)["access_token"].(string)
	w.sessions.bySID[session.SID] = b.w.browser().signIn("mallory", "local") // a session of somebody else under the same id
	if a := b.userinfo(token); a.StatusCode != 401 {
		t.Errorf("somebody else's claims: %s", a.body)
	}
	delete(w.sessions.bySID, session.SID)
	if a := b.userinfo(token); a.StatusCode != 401 { // SES-09: dead with the session
		t.Errorf("after the logout: %d", a.StatusCode)
	}
}
