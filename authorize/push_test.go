package authorize_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/endpoints"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// A request that is sent ahead, and brought by its address alone (RFC 9126,
// sections 2.2 and 4).
func TestPush(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	for _, client := range []string{"wiki", "pusher", "bank"} {
		a := b.push(request("client_id", client, "state", "s p"))
		uri, err := requestURI(a)
		if err != nil || a.StatusCode != 201 || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Content-Type") != "application/json; charset=utf-8" { // WEB-08
			t.Fatalf("%s: %d %s %v", client, a.StatusCode, a.body, a.Header)
		}
		got := b.ask(url.Values{"client_id": {client}, "request_uri": {uri}})
		if got.to == nil || got.to.Query().Get("code") == "" || got.to.Query().Get("state") != "s p" || got.to.Query().Get("iss") != w.issuer { // OAU-20
			t.Errorf("%s: %d %v %s", client, got.StatusCode, got.to, got.body)
		}
	}
	v := w.proves("wiki", request())
	v.Del("client_id")
	v.Del("client_secret")
	if a := b.post("/par", v, basic("wiki", wikiSecret)); a.StatusCode != 201 { // who has said so in the header need not repeat it
		t.Errorf("basic: %d %s", a.StatusCode, a.body)
	}
	spa := request("client_id", "spa", "redirect_uri", "https://spa.example.com/")
	if a := b.post("/par", spa); a.StatusCode != 201 {
		t.Errorf("a public client: %d %s", a.StatusCode, a.body)
	}
}

// What is refused at authorize is refused here, in JSON (RFC 9126, section 2.3;
// OAU-26).
func TestPushRefused(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	cases := append(wrongFlow(), wrongForm()...)
	cases = append(cases, []told{
		{request("redirect_uri", "https://evil.example/"), "invalid_request"}, // OAU-01: whoever pushes
		{request("redirect_uri", ""), "invalid_request"},
		{request("state", strings.Repeat("s", 5000)), "invalid_request"},
		{request("request_uri", "urn:ietf:params:oauth:request_uri:"+challenge("x")), "invalid_request"}, // OAU-26
		{request("client_id", "sealed"), "invalid_request"},
		{request("client_id", "api", "dpop_jkt", "short"), "invalid_request"},
	}...)
	for _, c := range cases {
		want := c.want
		if c.v.Has("request_uri") {
			want = "invalid_request" // no address at all, wherever it leads
		}
		a := b.push(c.v)
		f := a.fields(t)
		if a.StatusCode != 400 || f["error"] != want || a.to != nil || a.Header.Get("Cache-Control") != "no-store" || f["error_description"] == "" {
			t.Errorf("%v: %d %s, want %s", c.v, a.StatusCode, a.body, want)
		}
		if strings.Contains(a.body, "evil") || strings.Contains(a.body, "xxx") {
			t.Errorf("the answer repeats the request: %s", a.body)
		}
	}
	for name, a := range map[string]answer{
		"wrong secret":   b.post("/par", redeem("", "client_secret", strings.Repeat("x", 40))),
		"no secret":      b.post("/par", request()),
		"unknown client": b.post("/par", request("client_id", "nobody")),
		"of the bank":    b.post("/par", request("client_id", "bank")),
	} {
		if a.StatusCode != 401 || a.fields(t)["error"] != "invalid_client" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	twice := request()
	twice.Add("nonce", "2")
	if a := b.push(twice); a.fields(t)["error"] != "invalid_request" { // OAU-14
		t.Errorf("twice: %s", a.body)
	}
	if a := b.post("/par?state=x", w.proves("wiki", request())); a.fields(t)["error"] != "invalid_request" {
		t.Errorf("in the query: %s", a.body)
	}
	for status, change := range map[int]func(*http.Request){
		405: func(r *http.Request) { r.Method = http.MethodGet },
		415: header("Content-Type", "application/json"),
	} {
		if a := b.push(request(), change); a.StatusCode != status { // WEB-12
			t.Errorf("%d: %d %s", status, a.StatusCode, a.body)
		}
	}
	if a := b.push(request("state", strings.Repeat("x", 70<<10))); a.StatusCode != 413 { // DOS-02
		t.Errorf("huge: %d", a.StatusCode)
	}
}

// A store that can't be reached is our failure, and says so.
func TestPushUnavailable(t *testing.T) {
	w := newPushWorld(t)
	w.failing = true
	b := w.browser()
	v := b.pushed(request())
	w.shorts.mu.Lock()
	w.shorts.broken = fault.New(fault.Unavailable, "test", "")
	w.shorts.mu.Unlock()
	if a := b.push(request()); a.StatusCode != 503 || a.fields(t)["error"] != "temporarily_unavailable" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := b.ask(v); a.StatusCode != 503 || a.to != nil {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
}

// All or none: whoever the client is (RFC 9126, section 5), and where nothing
// can be pushed nothing can be demanded.
func TestOnlyPushed(t *testing.T) {
	all := func(cfg *parts) { cfg.RequirePushedRequests = true }
	for name, c := range map[string]struct {
		change []func(*parts)
		client string
	}{"everybody": {[]func(*parts){all}, "wiki"}, "one client": {nil, "pusher"}} {
		w := newPushWorld(t, c.change...)
		b := w.browser()
		b.signIn("alice", "local")
		if got := b.ask(request("client_id", c.client)).told(); got != "invalid_request" {
			t.Errorf("%s: %q", name, got)
		}
		signed := w.object(request("client_id", "signer"))
		if got := b.ask(wrapped("signer", signed)).told(); (got == "invalid_request") != (len(c.change) > 0) {
			t.Errorf("%s: signed: %q", name, got)
		}
		if b.code(b.pushed(request("client_id", c.client))) == "" {
			t.Errorf("%s: no code", name)
		}
		m := b.get(w.issuer + "/.well-known/openid-configuration").fields(t)
		if m["require_pushed_authorization_requests"] != (len(c.change) > 0) { // OAU-40
			t.Errorf("%s: discovery says %v", name, m["require_pushed_authorization_requests"])
		}
	}
	w := newPushWorld(t)
	w.Server.RequirePushedRequests = true
	_, err := endpoints.New(endpoints.Config{Authorize: w.Server, Tokens: w.desk.Tokens, Keys: w.signer, Origins: w.clients, Disabled: []string{"par"}})
	if err == nil || !strings.Contains(err.Error(), "require_pushed_requests") || !strings.Contains(err.Error(), `client "pusher": nothing can be pushed`) {
		t.Error(err)
	}
}

// weighing is a store that knows the largest thing it was given.
type weighing struct {
	store.Shorts
	most int
}

func (s *weighing) Create(ctx context.Context, item store.Item) error {
	s.most = max(s.most, len(item.Value))
	return s.Shorts.Create(ctx, item)
}

// Nobody needs to prove anything to push in a public client's name: what is kept
// is no more than what the request means, and how many come from one address is
// limited, so that one can't keep everybody else out. (DOS-05)
func TestPublicPushesAreBounded(t *testing.T) {
	shorts, asked := &weighing{}, ""
	w := newPushWorld(t, func(cfg *parts) {
		shorts.Shorts, cfg.Shorts = cfg.Shorts, shorts
		cfg.Pushes = func(r *http.Request, client string) error {
			if asked = client; r.Header.Get("From") == "flood" {
				return fault.New(fault.Throttled, "test", "")
			}
			return nil
		}
	})
	b := w.browser()
	v := request("client_id", "spa", "redirect_uri", "https://spa.example.com/")
	v["resource"] = make([]string, 6000)
	if a := b.post("/par", v); a.StatusCode != 201 || asked != "spa" {
		t.Fatalf("%d %s, asked for %q", a.StatusCode, a.body, asked)
	}
	if shorts.most == 0 || shorts.most > 1000 {
		t.Errorf("%d bytes are kept", shorts.most)
	}
	flood := func(r *http.Request) { r.Header.Set("From", "flood") }
	if a := b.post("/par", v, flood); a.StatusCode != 429 || a.fields(t)["error"] != "temporarily_unavailable" {
		t.Errorf("a flood: %d %s", a.StatusCode, a.body)
	}
	asked = ""
	if a := b.post("/par", w.proves("wiki", request()), flood); a.StatusCode != 201 || asked != "" { // it proves who it is
		t.Errorf("a confidential client: %d %s, asked for %q", a.StatusCode, a.body, asked)
	}
}

// FuzzPush: whatever is sent to the endpoint, only what authorize would answer
// is kept, and nothing is our fault. (RFC 9126)
func FuzzPush(f *testing.F) {
	w := newPushWorld(f)
	for _, query := range hostile(w) {
		f.Add(query, "")
		f.Add(query, "x.y.z")
	}
	signed := w.object(request("client_id", "signer"))
	for _, v := range []url.Values{
		wrapped("signer", signed), wrapped("signer", signed, "request_uri", "x"), wrapped("signer", signed+"x"),
		request("client_id", "bank", "dpop_jkt", challenge("x")), request("client_id", "spa", "redirect_uri", "https://spa.example.com/"),
	} {
		f.Add(v.Encode(), newProver(f, w).proof("POST", "/par", ""))
	}
	f.Fuzz(func(t *testing.T, body, proof string) {
		values, _ := url.ParseQuery(body)
		r := httptest.NewRequest(http.MethodPost, "/par", strings.NewReader(body+"&client_secret="+wikiSecret))
		if values.Get("client_id") == "spa" {
			r = httptest.NewRequest(http.MethodPost, "/par", strings.NewReader(body))
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if proof != "" {
			r.Header["Dpop"] = []string{proof}
		}
		rec := httptest.NewRecorder()
		if err := w.serves("/par")(rec, r); err != nil {
			t.Fatal(err)
		}
		if rec.Header().Get("Cache-Control") != "no-store" || rec.Header().Get("Location") != "" {
			t.Fatal(rec.Header())
		}
		if rec.Code != 201 {
			if rec.Code != 400 && rec.Code != 401 && rec.Code != 413 && rec.Code != 429 {
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			return
		}
		uri, err := requestURI(answer{body: rec.Body.String()})
		if err != nil {
			t.Fatal(err, rec.Body)
		}
		got := httptest.NewRecorder()
		brings := url.Values{"client_id": {values.Get("client_id")}, "request_uri": {uri}}
		if err := w.Authorize(got, httptest.NewRequest(http.MethodGet, "/authorize?"+brings.Encode(), nil)); err != nil {
			t.Fatal(err)
		}
		if to := got.Header().Get("Location"); to != "" && !allowed(w, to) || to == "" && got.Code != 200 {
			t.Fatalf("%d %s %s", got.Code, to, got.Body)
		}
	})
}
