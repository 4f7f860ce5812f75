package command_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
)

// PRX-05, SES-16: what `user set` changes reaches a running server within a
// second.
func TestUserSet(t *testing.T) {
	o := newOffice(t, "")
	o.must(t, "horse-vapour-91\n", "user", "add", "alice", "--group", "staff", "--group", "admins", "--admin", "--password-stdin")
	server := o.server(t)
	alice, err := server.Accounts.Find(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan time.Time, 100)
	ready := make(chan struct{}, 1000)
	go server.Records.Watch(t.Context(), func(changes []store.Change) {
		if slices.Contains(changes, store.Change{Topic: store.TopicSubject, Key: string(alice.Subject)}) {
			heard <- time.Now()
		}
		select {
		case ready <- struct{}{}:
		default:
		}
	})
	<-ready
	signIn(t, server, alice.Subject)
	for _, step := range []struct {
		args []string
		says string
		want string // name, address, groups, state
	}{
		{[]string{"--name", "Alice A", "--email", "alice@example.com"}, "changed alice\n", "Alice A/alice@example.com/admins,staff/true"},
		{[]string{"--group", "staff", "--group", "wiki"}, "changed alice and ended 1 session\n", "Alice A/alice@example.com/staff,wiki/true"},
		{[]string{"--no-admin"}, "changed alice and ended 0 sessions\n", "Alice A/alice@example.com/staff,wiki/false"},
		{[]string{"--admin", "--group=staff,wiki,more", "--name="}, "changed alice\n", "/alice@example.com/more,staff,wiki/true"},
		{[]string{"--no-group", "--admin=false", "--email", ""}, "changed alice and ended 0 sessions\n", "//" + "/false"},
	} {
		out := o.must(t, "", append([]string{"user", "set", "ALICE"}, step.args...)...)
		done := time.Now()
		if !strings.HasSuffix(out, step.says) {
			t.Errorf("%v says %q", step.args, out)
		}
		select {
		case at := <-heard:
			if at.Sub(done) > time.Second {
				t.Errorf("%v was heard after %v", step.args, at.Sub(done))
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%v was not heard", step.args)
		}
		now, err := server.Accounts.User(t.Context(), alice.Subject)
		if err != nil {
			t.Fatal(err)
		}
		got := now.Name + "/" + now.Email + "/" + strings.Join(now.Groups, ",") + "/" + map[bool]string{true: "true", false: "false"}[now.Admin]
		if got != step.want {
			t.Errorf("%v: %s, want %s", step.args, got, step.want)
		}
	}
}

// SES-16: a new password ends the sessions of the person, and what clients hold
// of them; nobody else's.
func TestSetPasswordEndsSessions(t *testing.T) {
	o := newOffice(t, "")
	server := o.server(t)
	tokens := map[string]string{}
	for _, name := range []string{"alice", "bob"} {
		o.must(t, "horse-vapour-91\n", "user", "add", name, "--password-stdin")
		found, err := server.Accounts.Find(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		signIn(t, server, found.Subject)
		tokens[name], err = server.Grants.NewRefresh(t.Context(), grant.Authorization{Client: "wiki", Subject: found.Subject, AuthTime: 1, Offline: true, Family: name}, time.Now(), grant.Limits{Idle: time.Hour, Max: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
	}
	if out := o.must(t, "other-vapour-92\n", "user", "set-password", "alice", "--password-stdin"); !strings.HasSuffix(out, "changed the password of alice and ended 1 session\n") {
		t.Errorf("it says %q", out)
	}
	for name, stands := range map[string]bool{"alice": false, "bob": true} {
		found, _ := server.Accounts.Find(t.Context(), name)
		list, _, err := server.Sessions.List(t.Context(), found.Subject, "", 10)
		if err != nil || (len(list) == 1) != stands {
			t.Errorf("%s: %d sessions, %v", name, len(list), err)
		}
		if _, err := server.Grants.Peek(t.Context(), tokens[name]); (err == nil) != stands {
			t.Errorf("%s: refresh token: %v", name, err)
		}
	}
	for password, right := range map[string]bool{"horse-vapour-91": false, "other-vapour-92": true} {
		if _, err := server.Accounts.Authenticate(t.Context(), "alice", password); (err == nil) != right {
			t.Errorf("%s: %v", password, err)
		}
	}
}

// signIn begins a session, as the login does.
func signIn(t *testing.T, server *house.Rooms, sub identity.Subject) {
	t.Helper()
	site, err := session.NewSite("https://app.example.com")
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest("POST", "https://app.example.com/login", nil)
	if _, err := server.Sessions.At(site, session.Config{}).Begin(httptest.NewRecorder(), req, sub, identity.Login{IDP: identity.Local}, false); err != nil {
		t.Fatal(err)
	}
}

func TestUserSetRefuses(t *testing.T) {
	o := newOffice(t, "")
	o.must(t, "", "user", "add", "alice", "--no-password")
	o.refuses(t, []string{"no such account"}, "user", "set", "nobody", "--admin")
	o.refuses(t, []string{"group"}, "user", "set", "alice", "--group", "x\x01")
	for _, args := range [][]string{{}, {"alice"}, {"alice", "--group", "x", "--no-group"}, {"alice", "--admin", "--no-admin"}, {"alice", "bob", "--admin"}} {
		if out, err := o.run(t, "", append([]string{"user", "set"}, args...)...); !misuse(err) {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}
