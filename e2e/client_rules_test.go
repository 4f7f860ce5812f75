package e2e_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// who is what a client that can go on without the person has of one.
type who struct {
	rp              *relyingParty
	access, refresh any
}

// may fails unless the client can or can't go on, at userinfo and by refreshing.
func (w *who) may(t *testing.T, what string, want bool) {
	t.Helper()
	within(t, what, func() bool {
		code, _ := w.rp.userinfo(w.access)
		return code == map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized}[want]
	})
	if _, no := w.rp.userinfo(w.access); !want && no["error"] != "invalid_token" {
		t.Errorf("%s: userinfo says %v", what, no)
	}
	switch code, got := w.rp.refresh(w.refresh); {
	case !want && (code != http.StatusBadRequest || got["error"] != "invalid_grant"):
		t.Errorf("%s: refresh %d, %v", what, code, got)
	case want && code != http.StatusOK:
		t.Errorf("%s: refresh %d, %v", what, code, got)
	case want:
		w.access = got["access_token"]
	}
}

// A client that is for a group is for nobody else, and for nobody any longer
// than they are in it, also if it needs no session and its access token lives
// for long. So it is when its own rules change. Neither ends anything for good.
func TestClientForAGroup(t *testing.T) {
	h := loginHost(t, "", "")
	h.addUser("bob", "--email", "bob@example.com")
	wiki := newRelyingParty(t, h, "wiki", "")
	wiki.secret = h.addClient(t, "wiki", "--redirect-uri", wiki.redirectURI, "--allow", "group staff",
		"--grant-types", "authorization_code,refresh_token", "--offline-access", "--access-token-lifetime", "1h")
	wiki.scope = "openid email offline_access"
	within(t, "added", func() bool { return !wiki.unknown() })

	bob := rig.NewBrowser(t)
	no := wiki.submit(bob, wiki.visit(bob, wiki.ask()), map[string]string{"username": "bob", "password": password}).URL.Query()
	if no.Get("error") != "access_denied" || no.Get("code") != "" || no.Get("state") != "s" {
		t.Errorf("bob: %v", no)
	}

	code, tokens := wiki.redeem(wiki.code(rig.NewBrowser(t), "alice", map[string]string{"action": "allow"}))
	if code != http.StatusOK || tokens["refresh_token"] == nil {
		t.Fatalf("%d, %v", code, tokens)
	}
	alice := who{wiki, tokens["access_token"], tokens["refresh_token"]}
	alice.may(t, "in the group", true)
	h.must("", "gatehouse", "user", "set", "alice", "--group", "admins") // which ends her session
	alice.may(t, "not in the group any more", false)
	h.must("", "gatehouse", "user", "set", "alice", "--group", "staff")
	alice.may(t, "in the group again", true)
	h.must("", "gatehouse", "client", "set", "wiki", "--deny", "user alice")
	alice.may(t, "denied by name", false)
	h.must("", "gatehouse", "client", "set", "wiki", "--deny", "")
	alice.may(t, "no longer denied", true)
}
