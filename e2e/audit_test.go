package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// events gives the security events of a log that have a name.
func (h *house) events(name string) (list []map[string]any) {
	for line := range strings.Lines(h.Log()) {
		var e map[string]any
		if json.Unmarshal([]byte(line), &e) == nil && e["event"] == name {
			list = append(list, e)
		}
	}
	return list
}

// event waits for one that has all of these values.
func (h *house) event(t *testing.T, name, level string, want map[string]string) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if slices.ContainsFunc(h.events(name), func(e map[string]any) bool {
			for k, v := range want {
				if e[k] != v {
					return false
				}
			}
			return e["level"] == level
		}) {
			return
		}
	}
	t.Errorf("no event %s at level %s with %v; there are %v", name, level, want, h.events(name))
}

// LOG-01, LOG-03: what ends or changes access is an event of the server's log, by
// whatever it was done: by commands too, and by those that ran before a server
// did; what was refused at level warn; and no secret is in it.
func TestSecurityEvents(t *testing.T) {
	secret := strings.Repeat("0123456789", 4)
	h := loginHost(t, "client wiki {\n\t\t\tsecret "+secret+"\n\t\t\tredirect_uri http://localhost:1/callback\n\t\t}\n", "")
	h.event(t, "account.changed", "info", map[string]string{"username": "alice", "change": "added", "actor": "command"}) // before the server ran
	h.event(t, "key.rotated", "info", map[string]string{"alg": "ES256"})

	wiki := newRelyingParty(t, h, "wiki", secret)
	b := rig.NewBrowser(t)
	code := wiki.code(b, "alice", map[string]string{"action": "allow"})
	h.event(t, "consent", "info", map[string]string{"change": "consent_allowed", "client": "wiki", "username": "alice"})
	wiki.secret = "wrong" + secret
	wiki.token(url.Values{"grant_type": {"client_credentials"}})
	h.event(t, "client.refused", "warn", map[string]string{"client": "wiki", "reason": "invalid_client", "client_ip": "127.0.0.1"})
	wiki.secret = secret
	redeem := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {wiki.redirectURI}, "code_verifier": {wiki.verifier}}
	wiki.token(redeem)
	wiki.token(redeem)
	h.event(t, "client.refused", "warn", map[string]string{"client": "wiki", "reason": "invalid_grant"}) // a replay

	keys := len(h.events("key.rotated"))
	h.must("", "gatehouse", "keys", "rotate", "--alg", "ES256")
	h.must("", "gatehouse", "client", "add", "robot", "--grant-types", "client_credentials")
	h.event(t, "client.changed", "info", map[string]string{"client": "robot", "change": "added"})
	if n := len(h.events("key.rotated")); n != keys+1 {
		t.Errorf("%d keys were rotated", n-keys)
	}
	h.must("", "gatehouse", "session", "revoke", "--user", "alice")
	h.event(t, "session.ended", "info", map[string]string{"reason": "revoked"})
	h.login(t, b, h.site+"/", "alice")
	h.must("", "gatehouse", "user", "disable", "alice")
	h.event(t, "account.changed", "info", map[string]string{"username": "alice", "change": "disabled", "actor": "command"})
	h.event(t, "session.ended", "info", map[string]string{"reason": "account_changed"})
	if n := len(h.events("session.ended")); n != 2 {
		t.Errorf("%d sessions ended, want 2", n)
	}
	for _, e := range h.events("account.changed") {
		if _, err := time.Parse(time.RFC3339, e["at"].(string)); err != nil {
			t.Error(err)
		}
	}
	canaries{"client's secret": secret, "password": password, "code": code}.check(t, h.Log())
}

// LOG-01, LOG-03: a link for the first account is an event, made by a command or
// at a start, and the event does not hold it.
func TestSetupLinkIsAnEvent(t *testing.T) {
	port := rig.Ports(t, 1)[0]
	h := &house{Caddy: rig.Start(t, fmt.Sprintf(`{
	admin ADMIN
	persist_config off
	gatehouse {
		issuer http://localhost:%[1]d
		users
	}
}
http://localhost:%[1]d {
	gatehouse_portal
}
`, port))}
	h.event(t, "setup.link_made", "info", map[string]string{"actor": "start"})
	link := h.must("", "gatehouse", "setup")
	h.event(t, "setup.link_made", "info", map[string]string{"actor": "command"})
	canaries{"link of the command": strings.TrimSpace(between(link, "token="))}.check(t, h.Log())
}
