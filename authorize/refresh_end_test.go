package authorize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// What was not granted for longer ends with its session (SES-10); what was
// outlives the session, but not the account.
func TestRefreshAndSession(t *testing.T) {
	w, who := newTokenWorld(t, inMemory)
	b := w.browser()
	session := b.signIn("alice", "local")
	tied, offline, opaque := b.login("tied"), b.login("jot"), b.login("agent")
	delete(w.sessions.bySID, session.SID)
	for _, client := range []struct {
		name   string
		got    tokens
		status int
		error  string
	}{{"tied", tied, 401, "invalid_grant"}, {"jot", offline, 200, ""}, {"agent", opaque, 200, ""}} {
		if a := b.userinfo(client.got.Access); a.StatusCode != client.status { // SES-09
			t.Errorf("%s: userinfo after the logout: %d", client.name, a.StatusCode)
		}
		if a := b.refresh(client.name, client.got.Refresh); a.Error != client.error {
			t.Errorf("%s: refresh after the logout: %+v", client.name, a)
		}
	}
	if id := part(t, b.refresh("agent", opaque.Refresh).ID, 1); id["sub"] != "alice" || id["sid"] != session.SID || id["auth_time"] != float64(session.At.Unix()) {
		t.Errorf("the login is told otherwise: %v", id)
	}
	w.sessions.bySID[session.SID] = session // a session that came back brings nothing with it
	if a := b.refresh("tied", tied.Refresh); a.Error != "invalid_grant" {
		t.Errorf("the family came back with its session: %+v", a)
	}
	delete(w.sessions.bySID, session.SID)
	for _, kind := range []fault.Kind{fault.Denied, fault.NotFound} { // SES-16: disabled, deleted
		got := b.w.browser()
		got.signIn("bob", "local")
		bob := got.login("agent")
		clear(w.sessions.bySID)
		who.lose("bob", kind)
		if a := b.userinfo(bob.Access); a.StatusCode != 401 {
			t.Errorf("%v: userinfo: %d", kind, a.StatusCode)
		}
		if a := b.refresh("agent", bob.Refresh); a.Error != "invalid_grant" {
			t.Errorf("%v: %+v", kind, a)
		}
		if who.lose("bob", fault.Exists); b.refresh("agent", bob.Refresh).Error != "invalid_grant" {
			t.Errorf("%v: it came back with the account", kind)
		}
	}
}

// When nobody can tell, nobody is answered for.
func TestRefreshWhenStoresFail(t *testing.T) {
	w, who := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	got := b.login("agent")
	w.sessions.broken = fault.New(fault.Unavailable, "test", "")
	if a := b.post("/token", form("agent", "grant_type", "refresh_token", "refresh_token", got.Refresh)); a.StatusCode != 503 || a.tokens(t).Error != "temporarily_unavailable" {
		t.Errorf("sessions: %d %s", a.StatusCode, a.body)
	}
	if a := b.post("/introspect", form("agent", "token", got.Access)); a.StatusCode != 503 {
		t.Errorf("introspection: %d %s", a.StatusCode, a.body)
	}
	w.sessions.broken = fault.New(fault.NotFound, "test", "") // the session is over
	who.lose("alice", fault.Unavailable)
	if a := b.post("/token", form("agent", "grant_type", "refresh_token", "refresh_token", got.Refresh)); a.StatusCode != 503 {
		t.Errorf("accounts: %d %s", a.StatusCode, a.body)
	}
	who.lose("alice", fault.Exists)
	if a := b.refresh("agent", got.Refresh); a.Access == "" {
		t.Errorf("afterwards: %+v", a)
	}
}

// Idle and absolute limits, ours and the client's own (OAU-38).
func TestRefreshLimits(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		idle, most time.Duration
		steps      []time.Duration // between uses
		alive      bool
	}{
		{0, 0, []time.Duration{15*day - time.Second}, true},
		{0, 0, []time.Duration{15 * day}, false},
		{0, 0, []time.Duration{10 * day, 10 * day, 10*day - time.Second}, true},
		{0, 0, []time.Duration{10 * day, 10 * day, 10 * day}, false},
		{time.Hour, 2 * time.Hour, []time.Duration{59 * time.Minute, 59 * time.Minute}, true},
		{time.Hour, 2 * time.Hour, []time.Duration{60 * time.Minute}, false},
		{time.Hour, 2 * time.Hour, []time.Duration{59 * time.Minute, 59 * time.Minute, 2 * time.Minute}, false},
	} {
		for _, client := range []string{"agent", "phone"} {
			w, _ := newTokenWorld(t, inMemory)
			w.clients[client].RefreshIdle, w.clients[client].RefreshMaxAge = c.idle, c.most
			b := w.browser()
			b.signIn("alice", "local")
			got := b.login(client)
			for _, step := range c.steps {
				w.clock.pass(step)
				if got = b.refresh(client, got.Refresh); got.Error != "" {
					break
				}
			}
			if (got.Error == "") != c.alive || got.Error != "" && got.Error != "invalid_grant" {
				t.Errorf("%s %v: %+v", client, c, got)
			}
		}
	}
}

// A token is kept as a hash alone, and told to nobody (OAU-38).
func TestRefreshTokensAreHashed(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	first := b.login("phone")
	second := b.refresh("phone", first.Refresh)
	dump := append(everything(t, w.Grants.Records), w.shorts.dump...)
	if !slices.Contains(dump, secret.Hash(second.Refresh)) {
		t.Fatal("the dump does not see the tokens' rows")
	}
	w.clock.pass(time.Minute)
	b.refresh("phone", first.Refresh)
	for _, token := range []string{first.Refresh, second.Refresh, first.Access, second.Access} {
		for _, piece := range []string{token, token[:43], token[len(token)-43:]} {
			if slices.ContainsFunc(dump, func(kept string) bool { return strings.Contains(kept, piece) }) {
				t.Error("a token is kept in the open")
			}
			for _, err := range w.reports {
				if strings.Contains(fmt.Sprintf("%v", err), piece) { // LOG-01
					t.Errorf("told to the log: %v", err)
				}
			}
		}
	}
}
