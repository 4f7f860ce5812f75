package authorize_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// A client that acts for itself (RFC 6749, section 4.4).
func TestClientCredentials(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	for _, c := range []struct {
		name, client string
		pairs        []string
		scope, error string
	}{
		{"no scope", "robot", nil, "api.read api.write", ""},
		{"one scope", "robot", []string{"scope", "api.write"}, "api.write", ""},
		{"scope twice", "robot", []string{"scope", "api.write api.write"}, "api.write", ""},
		{"openid", "robot", []string{"scope", "openid"}, "", "invalid_scope"},
		{"email", "robot", []string{"scope", "api.read email"}, "", "invalid_scope"},
		{"offline_access", "robot", []string{"scope", "offline_access"}, "", "invalid_scope"},
		{"foreign scope", "robot", []string{"scope", "api.admin"}, "", "invalid_scope"}, // OAU-15
		{"resource", "robot", []string{"resource", apiURI}, "api.read api.write", ""},
		{"resources", "robot", []string{"resource", apiURI, "resource", filesURI, "resource", apiURI}, "api.read api.write", ""},
		{"foreign resource", "robot", []string{"resource", apiURI, "resource", "https://evil.example/"}, "", "invalid_target"}, // OAU-25
		{"userinfo", "robot", []string{"resource", w.issuer + "/userinfo"}, "", "invalid_target"},
		{"not allowed", "agent", nil, "", "unauthorized_client"}, // OAU-13
		{"public", "phone", nil, "", "unauthorized_client"},
	} {
		a := b.post("/token", form(c.client, append([]string{"grant_type", "client_credentials"}, c.pairs...)...))
		got := a.tokens(t)
		if got.Error != c.error || got.Scope != c.scope || (got.Access != "") != (c.error == "") {
			t.Errorf("%s: %d %s", c.name, a.StatusCode, a.body)
		}
		if got.Refresh != "" || got.ID != "" {
			t.Errorf("%s: a refresh or ID token: %s", c.name, a.body)
		}
		if got.Access != "" && b.userinfo(got.Access).StatusCode != 403 { // OAU-35
			t.Errorf("%s: good for userinfo", c.name)
		}
	}
	v := form("robot", "grant_type", "client_credentials")
	v.Set("client_secret", wikiSecret+"x")
	if a := b.post("/token", v); a.StatusCode != 401 || a.tokens(t).Error != "invalid_client" {
		t.Errorf("wrong secret: %d %s", a.StatusCode, a.body)
	}
	if a := b.ask(request("client_id", "robot")); a.StatusCode != 400 || a.to != nil {
		t.Errorf("a client without redirect addresses at authorize: %d %v", a.StatusCode, a.to)
	}
	if got := b.post("/token", form("signing-robot", "grant_type", "client_credentials")).tokens(t); got.Expires != 3600 || part(t, got.Access, 1)["sub"] != "signing-robot" || part(t, got.Access, 1)["auth_time"] != nil {
		t.Errorf("%+v %v", got, part(t, got.Access, 1))
	}
}

// An access token that is a JWT says what RFC 9068 wants, verifies against the
// key set, and is nothing else (JWT-01, JWT-06).
func TestAccessTokenJWT(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	session := b.signIn("alice", "local")
	got := b.login("jot")
	header, claims := part(t, got.Access, 0), part(t, got.Access, 1)
	if header["typ"] != "at+jwt" || header["alg"] != "RS256" || header["kid"] == "" || len(header) != 3 {
		t.Errorf("header %v", header)
	}
	now := float64(w.clock.Now().Unix())
	want := map[string]any{
		"iss": w.issuer, "sub": "alice", "aud": w.issuer + "/userinfo", "client_id": "jot", "scope": "openid profile offline_access",
		"iat": now, "nbf": now, "exp": now + 300, "auth_time": float64(session.At.Unix()), "acr": "1", "sid": session.SID, "offline": true, // JWT-05
	}
	for name, value := range want {
		if claims[name] != value {
			t.Errorf("%s is %v, want %v", name, claims[name], value)
		}
	}
	if amr, _ := claims["amr"].([]any); len(amr) != 1 || amr[0] != "pwd" || len(claims["jti"].(string)) < 22 || claims["cnf"] != nil || claims["email"] != nil || claims["name"] != nil {
		t.Errorf("claims %v", claims)
	}
	if err := w.signer.Verify(t.Context(), got.Access, "at+jwt", &struct{}{}); err != nil {
		t.Error(err)
	}
	if a := b.userinfo(got.ID); a.StatusCode != 401 { // OAU-35, JWT-06
		t.Error("an ID token passes for an access token")
	}
	if a := b.ask(request("id_token_hint", got.Access, "prompt", "none")); a.to.Query().Get("error") != "invalid_request" {
		t.Errorf("an access token passes for an ID token: %v", a.to)
	}
	forged := got.Access[:len(got.Access)-4] + "AAAA"
	other, _ := w.signer.Sign(t.Context(), "RS256", "at+jwt", map[string]any{"iss": "https://elsewhere.example", "sub": "alice", "aud": w.issuer + "/userinfo", "client_id": "jot", "scope": "openid", "exp": now + 300, "jti": "x", "sid": session.SID, "auth_time": now})
	for name, token := range map[string]string{"forged": forged, "other issuer": other, "cut": got.Access[:len(got.Access)-1], "dots": "..", "none": "eyJhbGciOiJub25lIn0.e30."} { // JWT-02
		if a := b.userinfo(token); a.StatusCode != 401 || !strings.Contains(a.Header.Get("WWW-Authenticate"), `error="invalid_token"`) {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	w.clock.pass(5*time.Minute - time.Second)
	if a := b.userinfo(got.Access); a.StatusCode != 200 {
		t.Errorf("before its end: %d", a.StatusCode)
	}
	w.clock.pass(time.Second)
	if a := b.userinfo(got.Access); a.StatusCode != 401 { // JWT-05
		t.Errorf("after its end: %d", a.StatusCode)
	}
}

// The life of access tokens is the client's, whatever their form.
func TestAccessTokenLifeOfClient(t *testing.T) {
	for _, client := range []string{"agent", "jot"} {
		w, _ := newTokenWorld(t, inMemory, func(cfg *parts) {
			static(cfg)["agent"].AccessTokenLife, static(cfg)["jot"].AccessTokenLife = time.Hour, time.Hour
		})
		b := w.browser()
		b.signIn("alice", "local")
		got := b.login(client)
		w.clock.pass(time.Hour - time.Second)
		if a := b.userinfo(got.Access); got.Expires != 3600 || a.StatusCode != 200 {
			t.Errorf("%s: %d, %d", client, got.Expires, a.StatusCode)
		}
		b.post("/revoke", form(client, "token", got.Refresh)) // the mark outlives the longest token
		if w.clock.pass(time.Second); b.userinfo(got.Access).StatusCode != 401 {
			t.Errorf("%s: lives on", client)
		}
	}
}

// Resource indicators (RFC 8707; OAU-25).
func TestResources(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	own := w.issuer + "/userinfo"
	ask := func(resources ...string) answer {
		v := request("client_id", "jot", "redirect_uri", phoneURI, "scope", "openid offline_access")
		v["resource"] = resources
		return b.ask(v)
	}
	for _, bad := range [][]string{{"https://evil.example/"}, {apiURI, apiURI + "/"}, {"/v1"}, {apiURI + "#x"}, {strings.Repeat("x", 5000)}} {
		if a := ask(bad...); a.to == nil || a.to.Query().Get("code") != "" || !slices.Contains([]string{"invalid_target", "invalid_request"}, a.to.Query().Get("error")) {
			t.Errorf("%.40q at authorize: %v", bad, a.to)
		}
	}
	if a := b.ask(request("resource", apiURI)); a.to.Query().Get("error") != "invalid_target" {
		t.Errorf("a client without resources: %v", a.to)
	}
	aud := func(got tokens) []string {
		var list []string
		switch v := part(t, got.Access, 1)["aud"].(type) {
		case string:
			return []string{v}
		case []any:
			for _, one := range v {
				list = append(list, one.(string))
			}
		}
		return list
	}
	for _, c := range []struct {
		granted, asked []string
		want           []string // nil: invalid_target
	}{
		{nil, nil, []string{own}},
		{nil, []string{""}, []string{own}},
		{nil, []string{own}, []string{own}},
		{nil, []string{apiURI}, nil}, // nobody allowed it
		{[]string{apiURI}, nil, []string{apiURI}},
		{[]string{apiURI}, []string{own}, []string{own}},
		{[]string{apiURI, filesURI, apiURI, ""}, nil, []string{apiURI, filesURI}},
		{[]string{apiURI, filesURI}, []string{filesURI}, []string{filesURI}},
		{[]string{apiURI, filesURI}, []string{filesURI, own}, []string{filesURI, own}},
		{[]string{apiURI}, []string{filesURI}, nil},
		{[]string{apiURI}, []string{apiURI, "https://evil.example/"}, nil},
		{[]string{apiURI}, []string{apiURI + "?"}, nil},
	} {
		code := func() url.Values {
			return as("jot", redeem(ask(c.granted...).to.Query().Get("code"), "redirect_uri", phoneURI))
		}
		v := code()
		v["resource"] = c.asked
		got := b.post("/token", v).tokens(t)
		if c.want == nil && got.Error != "invalid_target" || c.want != nil && !slices.Equal(aud(got), c.want) {
			t.Errorf("granted %v, asked %v: %+v", c.granted, c.asked, got)
		}
		first := b.post("/token", code()).tokens(t)
		again := form("jot", "grant_type", "refresh_token", "refresh_token", first.Refresh)
		again["resource"] = c.asked
		renewed := b.post("/token", again).tokens(t)
		if c.want == nil && renewed.Error != "invalid_target" || c.want != nil && !slices.Equal(aud(renewed), c.want) {
			t.Errorf("refresh: granted %v, asked %v: %+v", c.granted, c.asked, renewed)
		}
		if c.want == nil {
			continue
		}
		if a := b.userinfo(renewed.Access); (a.StatusCode == 200) != slices.Contains(c.want, own) {
			t.Errorf("userinfo for %v: %d", c.want, a.StatusCode)
		}
	}
	got := b.post("/token", as("jot", redeem(ask(apiURI).to.Query().Get("code"), "redirect_uri", phoneURI))).tokens(t)
	w.clients["jot"].Resources = nil // taken away meanwhile
	if a := b.refresh("jot", got.Refresh); a.Error != "invalid_target" {
		t.Errorf("%+v", a)
	}
}
