package authorize_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// basic sets the Authorization header from parts that are encoded as given.
func basic(id, plain string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(id, plain) }
}

// Client authentication: one method, the right one, for the right client.
func TestClientAuthentication(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	anon := []string{"client_id", "", "client_secret", ""}
	cases := []struct {
		name   string
		pairs  []string
		header func(*http.Request)
		want   string // error, or "" for tokens
		status int
	}{
		{"post", nil, nil, "", 200},
		{"post, second secret", []string{"client_secret", wikiSecret2}, nil, "", 200}, // OAU-11
		{"basic", anon, basic("wiki", wikiSecret), "", 200},
		{"basic, form-encoded", anon, basic("wiki", url.QueryEscape(wikiSecret2)), "", 200}, // RFC 6749 2.3.1
		{"basic and client_id", []string{"client_secret", ""}, basic("wiki", wikiSecret), "", 200},
		{"basic and other client_id", []string{"client_id", "spa", "client_secret", ""}, basic("wiki", wikiSecret), "invalid_request", 400},
		{"basic and post", nil, basic("wiki", wikiSecret), "invalid_request", 400}, // OAU-11
		{"basic and assertion", append(anon, "client_assertion", "x"), basic("wiki", wikiSecret), "invalid_request", 400},
		{"post and assertion", []string{"client_assertion", "x"}, nil, "invalid_request", 400},
		{"assertion", append(anon, "client_assertion", "x", "client_assertion_type", "y"), nil, "invalid_client", 401},
		{"no secret", []string{"client_secret", ""}, nil, "invalid_client", 401}, // OAU-11
		{"wrong secret", []string{"client_secret", wikiSecret + "x"}, nil, "invalid_client", 401},
		{"cut secret", []string{"client_secret", wikiSecret[:38]}, nil, "invalid_client", 401},
		{"long secret", []string{"client_secret", strings.Repeat("x", 5000)}, nil, "invalid_client", 401},
		{"wrong basic", anon, basic("wiki", "x"), "invalid_client", 401},
		{"empty basic", anon, basic("wiki", ""), "invalid_client", 401},
		{"unknown client", []string{"client_id", "nobody"}, nil, "invalid_client", 401},
		{"no client", anon, nil, "invalid_client", 401},
		{"public with a secret", []string{"client_id", "spa"}, nil, "invalid_client", 401},
		{"bearer", anon, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, "invalid_client", 401},
		{"broken basic", anon, func(r *http.Request) { r.Header.Set("Authorization", "Basic !!!") }, "invalid_client", 401},
		{"broken escape", anon, basic("wiki", "%zz"), "invalid_client", 401},
		{"two headers", anon, func(r *http.Request) {
			r.SetBasicAuth("wiki", wikiSecret)
			r.Header.Add("Authorization", "Basic x")
		}, "invalid_client", 401},
	}
	for _, c := range cases {
		header := c.header
		if header == nil {
			header = func(*http.Request) {}
		}
		a := b.post("/token", redeem(b.code(request()), c.pairs...), header)
		got, _ := a.fields(t)["error"].(string)
		if a.StatusCode != c.status || got != c.want {
			t.Errorf("%s: %d %s", c.name, a.StatusCode, a.body)
		}
		if a.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") { // OAU-30, WEB-08
			t.Errorf("%s: headers %v", c.name, a.Header)
		}
		if (c.status == 401) != strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Basic ") { // RFC 6749 5.2
			t.Errorf("%s: WWW-Authenticate %q", c.name, a.Header.Get("WWW-Authenticate"))
		}
	}
}

// What the token endpoint refuses, each with a good code that was never used.
func TestRedemption(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	twice := func(name string) func(url.Values) {
		return func(v url.Values) { v.Add(name, v.Get(name)) }
	}
	set := func(pairs ...string) func(url.Values) {
		return func(v url.Values) {
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
		}
	}
	old := request("client_id", "old", "code_challenge", "", "code_challenge_method", "")
	cases := []struct {
		name   string
		ask    url.Values
		change func(url.Values)
		want   string
	}{
		{"no grant_type", request(), set("grant_type", ""), "invalid_request"},
		{"password", request(), set("grant_type", "password", "username", "alice", "password", "x"), "unsupported_grant_type"}, // OAU-13
		{"client_credentials", request(), set("grant_type", "client_credentials"), "unauthorized_client"},                      // OAU-13
		{"refresh_token", request(), set("grant_type", "refresh_token"), "unauthorized_client"},
		{"upper case", request(), set("grant_type", "AUTHORIZATION_CODE"), "unsupported_grant_type"},
		{"no code", request(), set("code", ""), "invalid_request"},
		{"made-up code", request(), set("code", secret.New()), "invalid_grant"},
		{"odd code", request(), set("code", "../x\x00"), "invalid_grant"},
		{"long code", request(), set("code", strings.Repeat("c", 50000)), "invalid_grant"},
		{"no redirect_uri", request(), set("redirect_uri", ""), "invalid_request"},                                 // OAU-09
		{"other redirect_uri", request(), set("redirect_uri", "https://wiki.example.com/cb?x=1"), "invalid_grant"}, // OAU-09
		{"redirect_uri in other case", request(), set("redirect_uri", strings.ToUpper(wikiURI)), "invalid_grant"},  // OAU-09
		{"no verifier", request(), set("code_verifier", ""), "invalid_grant"},                                      // OAU-05; authentik CVE-2024-23647
		{"wrong verifier", request(), set("code_verifier", verifier[1:]+"x"), "invalid_grant"},                     // OAU-05
		{"challenge as verifier", request(), set("code_verifier", challenge(verifier)), "invalid_grant"},           // OAU-05
		{"short verifier", request("code_challenge", challenge("abc")), set("code_verifier", "abc"), "invalid_grant"},
		{"long verifier", request("code_challenge", challenge(strings.Repeat("a", 129))), set("code_verifier", strings.Repeat("a", 129)), "invalid_grant"},
		{"odd verifier", request("code_challenge", challenge(strings.Repeat("!", 43))), set("code_verifier", strings.Repeat("!", 43)), "invalid_grant"},
		{"verifier without challenge", old, set("client_id", "old"), "invalid_grant"},                                              // OAU-05: downgrade
		{"no verifier, PKCE optional", request("client_id", "old"), set("client_id", "old", "code_verifier", ""), "invalid_grant"}, // OAU-05: what was sent counts
		{"other client", request(), set("client_id", "other"), "invalid_grant"},                                                    // OAU-10
		{"code twice", request(), twice("code"), "invalid_request"},                                                                // OAU-14
		{"grant_type twice", request(), twice("grant_type"), "invalid_request"},                                                    // OAU-14
		{"redirect_uri twice", request(), twice("redirect_uri"), "invalid_request"},                                                // OAU-14
		{"verifier twice", request(), twice("code_verifier"), "invalid_request"},                                                   // OAU-14
		{"secret twice", request(), twice("client_secret"), "invalid_request"},                                                     // OAU-14
	}
	for _, c := range cases {
		v := redeem(b.code(c.ask))
		c.change(v)
		a := b.post("/token", v)
		if got := a.fields(t)["error"]; got != c.want || a.StatusCode != 400 {
			t.Errorf("%s: %d %s, want %s", c.name, a.StatusCode, a.body, c.want)
		}
		if strings.Contains(a.body, v.Get("code")) && v.Get("code") != "" {
			t.Errorf("%s: the code comes back", c.name)
		}
	}
}

// One attempt: who holds somebody else's code, or guesses, has burnt it.
func TestBurntCodes(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	old := request("client_id", "old", "code_challenge", "", "code_challenge_method", "")
	ok := redeem(b.code(old), "client_id", "old", "code_verifier", "")
	if a := b.post("/token", ok); a.StatusCode != 200 { // OAU-05: the one exception
		t.Errorf("client without PKCE: %d %s", a.StatusCode, a.body)
	}
	older := request("client_id", "older", "code_challenge", "", "code_challenge_method", "", "nonce", "")
	if a := b.post("/token", redeem(b.code(older), "client_id", "older", "code_verifier", "")); a.StatusCode != 200 { // OAU-05: and its own
		t.Errorf("client without PKCE and nonce: %d %s", a.StatusCode, a.body)
	}
	code := b.code(request())
	b.post("/token", redeem(code, "client_id", "other")) // tinyauth CVE-2026-32245, pocket-id CVE-2026-28513
	if a := b.post("/token", redeem(code)); a.fields(t)["error"] != "invalid_grant" {
		t.Errorf("a code survived a stranger: %s", a.body)
	}
	// But whoever can't authenticate touches nothing.
	code = b.code(request())
	b.post("/token", redeem(code, "client_secret", "x"))
	if a := b.post("/token", redeem(code)); a.StatusCode != 200 {
		t.Errorf("a stranger without a secret burnt a code: %s", a.body)
	}
}

// The request itself: a form, by POST, nothing in the address.
func TestTokenRequest(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	v := redeem(b.code(request()))
	query := b.post("/token?"+v.Encode(), url.Values{}) // OAU-30
	if query.StatusCode != 400 || query.fields(t)["error"] != "invalid_request" {
		t.Errorf("in the query: %d %s", query.StatusCode, query.body)
	}
	for _, more := range []string{"?client_id=wiki", "?x=1"} { // OAU-30: nothing, not even beside a good body
		if a := b.post("/token"+more, v); a.StatusCode != 400 || a.fields(t)["error"] != "invalid_request" {
			t.Errorf("%s: %d %s", more, a.StatusCode, a.body)
		}
	}
	for name, set := range map[string][2]string{
		"json": {"Content-Type", "application/json"}, "text": {"Content-Type", "text/plain"}, "multipart": {"Content-Type", "multipart/form-data; boundary=x"},
		"gzip": {"Content-Encoding", "gzip"},
	} {
		if a := b.post("/token", v, func(r *http.Request) { r.Header.Set(set[0], set[1]) }); a.StatusCode != 415 || a.fields(t)["error"] != "invalid_request" { // OAU-30
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if a := b.post("/token", url.Values{"x": {strings.Repeat("x", 70000)}}); a.StatusCode != 413 { // DOS-02
		t.Errorf("large: %d", a.StatusCode)
	}
	if a := b.post("/token", v); a.StatusCode != 200 { // none of that spent the code
		t.Errorf("afterwards: %d %s", a.StatusCode, a.body)
	}
}

// Codes: random, short-lived, once; a second use ends what came of the first.
func TestCodeLife(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	session := b.signIn("alice", "local")
	seen := map[string]bool{}
	for range 50 {
		code := b.code(request())
		if len(code) < 43 || len(code) > 700 || seen[code] { // OAU-03: never equal
			t.Fatalf("code of %d characters", len(code))
		}
		seen[code] = true
	}
	code := b.code(request())
	w.clock.pass(59 * time.Second)
	if a := b.post("/token", redeem(code)); a.StatusCode != 200 {
		t.Errorf("after 59 s: %d", a.StatusCode)
	}
	code = b.code(request())
	w.clock.pass(time.Minute)
	if a := b.post("/token", redeem(code)); a.fields(t)["error"] != "invalid_grant" { // OAU-03
		t.Errorf("after 60 s: %d", a.StatusCode)
	}
	for i := range code { // OAU-06: exact; zitadel CVE-2026-27840
		if a := b.post("/token", redeem(code[:i])); a.StatusCode == 200 {
			t.Errorf("%d characters of a code are enough", i)
		}
	}
	code = b.code(request())
	token := b.post("/token", redeem(code)).fields(t)["access_token"].(string)
	if a := b.userinfo(token); a.StatusCode != 200 {
		t.Fatalf("userinfo: %d", a.StatusCode)
	}
	if a := b.post("/token", redeem(code)); a.fields(t)["error"] != "invalid_grant" || !fault.Is(w.reports[len(w.reports)-1], fault.Spent) { // OAU-06
		t.Errorf("second use: %s", a.body)
	}
	if a := b.userinfo(token); a.StatusCode != 401 { // OAU-07
		t.Errorf("token of a replayed code: %d", a.StatusCode)
	}
	code = b.code(request())
	token = b.post("/token", redeem(code)).fields(t)["access_token"].(string)
	w.clock.pass(4 * time.Minute) // the code is old, the token is not
	if a := b.userinfo(token); a.StatusCode != 200 {
		t.Fatalf("userinfo: %d", a.StatusCode)
	}
	if a := b.post("/token", redeem(code)); a.fields(t)["error"] != "invalid_grant" {
		t.Errorf("late second use: %s", a.body)
	}
	if a := b.userinfo(token); a.StatusCode != 401 { // OAU-07
		t.Errorf("token of a code replayed late: %d", a.StatusCode)
	}
	code = b.code(request())
	delete(w.sessions.bySID, session.SID)
	if a := b.post("/token", redeem(code)); a.fields(t)["error"] != "invalid_grant" { // SES-09
		t.Errorf("after the logout: %s", a.body)
	}
}

// 64 parallel redemptions: at most one gets tokens, and since the others are
// replays, those tokens are dead when all are answered.
func TestParallelRedemption(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	for range 5 {
		code := b.code(request())
		var wait sync.WaitGroup
		answers, start := make(chan answer, 64), make(chan struct{})
		for range 64 {
			wait.Go(func() {
				<-start
				answers <- b.post("/token", redeem(code))
			})
		}
		close(start)
		wait.Wait()
		close(answers)
		won := []string{}
		for a := range answers {
			if f := a.fields(t); a.StatusCode == 200 {
				won = append(won, f["access_token"].(string))
			} else if f["error"] != "invalid_grant" {
				t.Errorf("loser: %s", a.body)
			}
		}
		if len(won) != 1 { // OAU-08
			t.Fatalf("%d winners", len(won))
		}
		if a := b.userinfo(won[0]); a.StatusCode != 401 { // OAU-07
			t.Errorf("the winner's token lives: %d", a.StatusCode)
		}
	}
}

// Nothing secret is stored in the open or told to the log.
func TestNothingLeaks(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	code := b.code(request())
	tokens := b.post("/token", redeem(code)).fields(t)
	b.post("/token", redeem(code))
	b.post("/token", redeem(code, "client_secret", "canary-secret-canary-secret-canary"))
	b.userinfo("canary-token")
	b.ask(request("scope", "canary-scope", "state", "canary-state", "login_hint", "canary-hint"))
	secrets := []string{code, tokens["access_token"].(string), tokens["id_token"].(string), wikiSecret, verifier, "canary"}
	for _, s := range secrets {
		if slices.ContainsFunc(w.shorts.dump, func(kept string) bool { return strings.Contains(kept, s) }) { // SES-18
			t.Errorf("kept in the open: %.20s", s)
		}
		for _, err := range w.reports {
			if strings.Contains(fmt.Sprintf("%v %+v", err, err), s) { // LOG-01
				t.Errorf("told to the log: %v", err)
			}
		}
	}
	if len(w.reports) != 4 || len(w.shorts.dump) == 0 {
		t.Errorf("%d reports, %d kept", len(w.reports), len(w.shorts.dump))
	}
	if text := fmt.Sprintf("%v %+v %#v", w.clients["wiki"], *w.clients["wiki"], w.clients["wiki"].Secrets); !strings.Contains(text, "REDACTED") { // CFG-02
		t.Errorf("a client prints as %s", text)
	}
}
