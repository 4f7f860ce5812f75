package authorize_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// What a refresh gives: the same login, told anew.
func TestRefresh(t *testing.T) {
	for client, rotates := range map[string]bool{"agent": false, "tied": false, "phone": true, "jot": true} { // OAU-31
		w, _ := newTokenWorld(t, inMemory)
		b := w.browser()
		session := b.signIn("alice", "local")
		first := b.login(client)
		w.clock.pass(3 * time.Minute)
		second := b.refresh(client, first.Refresh)
		if second.Access == "" || second.Access == first.Access || second.Type != "Bearer" || second.Expires != 300 || second.Scope != first.Scope {
			t.Fatalf("%s: %+v after %+v", client, second, first)
		}
		if (second.Refresh != first.Refresh) != rotates || len(second.Refresh) != 86 {
			t.Errorf("%s: rotated: %v", client, second.Refresh != first.Refresh)
		}
		before, after := part(t, first.ID, 1), part(t, second.ID, 1) // OpenID Connect Core 12.2
		for _, name := range []string{"iss", "sub", "aud", "auth_time", "sid", "idp"} {
			if before[name] == nil || before[name] != after[name] {
				t.Errorf("%s: %s was %v and is %v", client, name, before[name], after[name])
			}
		}
		if after["nonce"] != nil || after["iat"] == before["iat"] || after["sid"] != session.SID {
			t.Errorf("%s: ID token %v", client, after)
		}
		for _, token := range []string{first.Access, second.Access} {
			if a := b.userinfo(token); a.StatusCode != 200 {
				t.Errorf("%s: userinfo %d", client, a.StatusCode)
			}
		}
		if a := b.userinfo(second.Refresh); a.StatusCode != 401 { // OAU-35
			t.Errorf("%s: userinfo takes refresh tokens", client)
		}
	}
}

// Who gets a refresh token at all.
func TestNoRefresh(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	if got := b.login("api"); got.Refresh != "" || strings.Contains(got.Scope, "offline_access") {
		t.Errorf("a client without the grant type: %+v", got)
	}
	if got := b.login("tied"); got.Refresh == "" || strings.Contains(got.Scope, "offline_access") {
		t.Errorf("a client without offline_access: %+v", got)
	}
	if got := b.login("agent", "scope", "openid"); got.Refresh == "" || got.Scope != "openid" {
		t.Errorf("offline_access was not asked for: %+v", got)
	}
	if got := b.login("agent"); got.Scope != "openid profile offline_access" {
		t.Errorf("offline_access was asked for: %+v", got)
	}
}

// A retry within ten seconds gets the same successor while that is unused;
// every other second use ends the family, access tokens included (OAU-31).
func TestRefreshReuse(t *testing.T) {
	for _, client := range []string{"phone", "jot"} {
		w, _ := newTokenWorld(t, inMemory)
		b := w.browser()
		b.signIn("alice", "local")
		dead := func(name string, all ...string) {
			t.Helper()
			for _, token := range all {
				if a := b.userinfo(token); a.StatusCode != 401 {
					t.Errorf("%s %s: an access token lives", client, name)
				}
			}
			if !fault.Is(w.reports[len(w.reports)-len(all)-2], fault.Spent) {
				t.Errorf("%s %s: nobody was told of the replay: %v", client, name, w.reports)
			}
		}
		first := b.login(client)
		second := b.refresh(client, first.Refresh)
		w.clock.pass(10 * time.Second)
		again := b.refresh(client, first.Refresh)
		if again.Refresh == "" || again.Refresh != second.Refresh || again.Access == second.Access {
			t.Fatalf("%s: a retry got %+v", client, again)
		}
		third := b.refresh(client, second.Refresh)
		if third.Refresh == "" {
			t.Fatalf("%s: %+v", client, third)
		}
		if got := b.refresh(client, first.Refresh); got.Error != "invalid_grant" { // its successor is used
			t.Errorf("%s: %+v", client, got)
		}
		if got := b.refresh(client, third.Refresh); got.Error != "invalid_grant" {
			t.Errorf("%s: the family lives: %+v", client, got)
		}
		dead("used successor", first.Access, second.Access, again.Access, third.Access)

		first = b.login(client)
		second = b.refresh(client, first.Refresh)
		w.clock.pass(10*time.Second + time.Millisecond)
		if got := b.refresh(client, first.Refresh); got.Error != "invalid_grant" { // too late
			t.Errorf("%s: %+v", client, got)
		}
		if got := b.refresh(client, second.Refresh); got.Error != "invalid_grant" {
			t.Errorf("%s: the family lives: %+v", client, got)
		}
		dead("late", first.Access, second.Access)

		first = b.login(client)
		forged := first.Refresh[:43] + secret.New() // who knows the family but not the token
		if got := b.refresh(client, forged); got.Error != "invalid_grant" {
			t.Errorf("%s: %+v", client, got)
		}
		if got := b.refresh(client, first.Refresh); got.Error != "invalid_grant" {
			t.Errorf("%s: the family lives: %+v", client, got)
		}
		dead("forged", first.Access)
	}
}

// A token that another client brings is in wrong hands, and so is one that was
// just replaced: the grace is for its own client (OAU-31).
func TestRefreshOfAnotherClient(t *testing.T) {
	for own, thief := range map[string]string{"agent": "tied", "phone": "jot"} {
		for _, renewed := range []bool{false, true} {
			w, _ := newTokenWorld(t, inMemory)
			b := w.browser()
			b.signIn("alice", "local")
			got := b.login(own)
			stolen, last := got.Refresh, got.Refresh
			if renewed {
				last = b.refresh(own, stolen).Refresh
			}
			if a := b.refresh(thief, stolen); a.Error != "invalid_grant" {
				t.Errorf("%s, renewed %v: %+v", own, renewed, a)
			}
			if a := b.refresh(own, last); a.Error != "invalid_grant" {
				t.Errorf("%s, renewed %v: the family lives: %+v", own, renewed, a)
			}
			if a := b.userinfo(got.Access); a.StatusCode != 401 {
				t.Errorf("%s, renewed %v: its access token lives", own, renewed)
			}
		}
	}
}

// The replay of a code ends what it was exchanged for (OAU-07).
func TestCodeReplayEndsRefresh(t *testing.T) {
	for _, client := range []string{"agent", "jot"} {
		w, _ := newTokenWorld(t, inMemory)
		b := w.browser()
		b.signIn("alice", "local")
		v := as(client, redeem(b.code(request("client_id", client, "redirect_uri", uriOf(client), "scope", "openid offline_access")), "redirect_uri", uriOf(client)))
		got := b.post("/token", v).tokens(t)
		renewed := b.refresh(client, got.Refresh)
		if renewed.Access == "" {
			t.Fatalf("%+v", renewed)
		}
		if a := b.post("/token", v).tokens(t); a.Error != "invalid_grant" {
			t.Errorf("%s: %+v", client, a)
		}
		if a := b.refresh(client, renewed.Refresh); a.Error != "invalid_grant" {
			t.Errorf("%s: the refresh token lives: %+v", client, a)
		}
		for _, token := range []string{got.Access, renewed.Access} {
			if a := b.userinfo(token); a.StatusCode != 401 {
				t.Errorf("%s: an access token lives", client)
			}
		}
	}
}

// What the token endpoint says to bad refreshes, and that none of them costs
// the client its token.
func TestRefreshErrors(t *testing.T) {
	for _, c := range []struct {
		name, client string
		pairs        []string
		want         string
	}{
		{"no token", "agent", []string{"refresh_token", ""}, "invalid_request"},
		{"made up", "agent", []string{"refresh_token", secret.New() + secret.New()}, "invalid_grant"},
		{"short", "agent", []string{"refresh_token", secret.New()}, "invalid_grant"},
		{"odd", "agent", []string{"refresh_token", strings.Repeat("\x00", 86)}, "invalid_grant"},
		{"long", "agent", []string{"refresh_token", strings.Repeat("x", 60000)}, "invalid_grant"},
		{"wider scope", "agent", []string{"scope", "openid email"}, "invalid_scope"}, // OAU-32
		{"unknown scope", "agent", []string{"scope", "admin"}, "invalid_scope"},      // OAU-32
		{"no scope in it", "agent", []string{"scope", "   "}, ""},
		{"same scope", "agent", []string{"scope", "offline_access profile openid openid"}, ""},
		{"unknown resource", "agent", []string{"resource", "https://evil.example/"}, "invalid_target"}, // OAU-25
		{"resource not granted", "agent", []string{"resource", apiURI}, "invalid_target"},              // OAU-25
		{"grant type not allowed", "api", nil, "unauthorized_client"},                                  // OAU-13
		{"unknown client", "nobody", nil, "invalid_client"},
		{"code beside it", "agent", []string{"code", "x"}, ""},
	} {
		w, _ := newTokenWorld(t, inMemory)
		b := w.browser()
		b.signIn("alice", "local")
		own := b.login("agent").Refresh
		v := form(c.client, "grant_type", "refresh_token", "refresh_token", own)
		for i := 0; i+1 < len(c.pairs); i += 2 {
			v.Set(c.pairs[i], c.pairs[i+1])
		}
		a := b.post("/token", v)
		status := map[string]int{"": 200, "invalid_client": 401}[c.want]
		if status == 0 {
			status = 400
		}
		if got := a.tokens(t); got.Error != c.want || a.StatusCode != status {
			t.Errorf("%s: %d %s, want %s", c.name, a.StatusCode, a.body, c.want)
		}
		if got := b.refresh("agent", own); got.Access == "" {
			t.Errorf("%s: the token is lost: %+v", c.name, got)
		}
	}
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	if a := b.post("/token", form("agent", "grant_type", "refresh_token", "refresh_token", "a", "refresh_token", "b")).tokens(t); a.Error != "invalid_request" { // OAU-14
		t.Errorf("twice: %+v", a)
	}
}

// Narrowing is for the one access token, and what a client may no longer ask
// for is gone from the next one (OAU-32).
func TestRefreshNarrows(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	got := b.login("agent")
	narrow := b.refresh("agent", got.Refresh, "scope", "openid")
	if narrow.Scope != "openid" || b.userinfo(narrow.Access).fields(t)["name"] != nil {
		t.Errorf("%+v", narrow)
	}
	if without := b.refresh("agent", got.Refresh, "scope", "profile"); without.ID != "" || b.userinfo(without.Access).StatusCode != http.StatusForbidden {
		t.Errorf("%+v", without)
	}
	if whole := b.refresh("agent", got.Refresh); whole.Scope != got.Scope || b.userinfo(whole.Access).fields(t)["name"] == nil {
		t.Errorf("%+v", whole)
	}
	w.clients["agent"].Scopes = []string{"openid"}
	if less := b.refresh("agent", got.Refresh); less.Scope != "openid offline_access" {
		t.Errorf("%+v", less)
	}
	w.clients["agent"].OfflineAccess = false
	w.clients["agent"].GrantTypes = []string{"authorization_code", "refresh_token"}
	if none := b.refresh("agent", got.Refresh); none.Error != "invalid_grant" {
		t.Errorf("%+v", none)
	}
}

// 64 parallel refreshes leave at most one living branch, whatever the store.
func TestParallelRefresh(t *testing.T) {
	for name, open := range map[string]func(testing.TB, *parts) store.Records{"memory": inMemory, "sqlite": onDisk} {
		w, _ := newTokenWorld(t, open)
		b := w.browser()
		b.signIn("alice", "local")
		token := b.login("phone").Refresh
		var wait sync.WaitGroup
		answers, start := make(chan tokens, 64), make(chan struct{})
		for range 64 {
			wait.Go(func() {
				<-start
				answers <- b.refresh("phone", token)
			})
		}
		close(start)
		wait.Wait()
		close(answers)
		branches := map[string]bool{}
		for a := range answers {
			if a.Refresh == "" {
				t.Errorf("%s: %+v", name, a) // all within the grace: each is a retry of the other
			}
			branches[a.Refresh] = true
		}
		if len(branches) != 1 { // OAU-31
			t.Fatalf("%s: %d branches", name, len(branches))
		}
		for next := range branches {
			if a := b.refresh("phone", next); a.Access == "" {
				t.Errorf("%s: the one branch is dead: %+v", name, a)
			}
		}
	}
}
