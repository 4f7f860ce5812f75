package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// life is one session in all its parts: two sites, an open event stream and
// WebSocket, and two clients with tokens.
type life struct {
	h             *house
	b             *rig.Browser
	sid, hint     string
	cookies       map[string]string // by origin
	streams       map[string]net.Conn
	clients       []*relyingParty
	access, fresh []string // of each client
}

// claimsOf reads a token without checking it.
func claimsOf(t *testing.T, token string) (claims map[string]any) {
	t.Helper()
	part, _, _ := strings.Cut(token[strings.Index(token, ".")+1:], ".")
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || json.Unmarshal(raw, &claims) != nil {
		t.Fatalf("%q is no token", token)
	}
	return claims
}

// begin signs somebody in and opens everything.
func begin(t *testing.T, h *house, user string) *life {
	t.Helper()
	l := &life{h: h, b: rig.NewBrowser(t), cookies: map[string]string{}, streams: map[string]net.Conn{}}
	h.login(t, l.b, h.site+"/", user)
	l.b.Get(h.wiki + "/")
	for _, origin := range []string{h.site, h.wiki} {
		l.cookies[origin] = h.cookie + "=" + l.b.Cookie(origin, h.cookie)
	}
	for _, path := range []string{"/ws", "/events"} {
		l.streams[path] = open(t, h, path, l.cookies[h.site])
	}
	for _, id := range []string{"one", "two"} {
		p := newRelyingParty(t, h, id, strings.Repeat("0123456789", 4))
		code := p.code(l.b, user, nil)
		status, got := p.token(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.redirectURI}, "code_verifier": {p.verifier}})
		if status != http.StatusOK || got["refresh_token"] == nil {
			t.Fatalf("%s: %d %v", id, status, got)
		}
		l.clients = append(l.clients, p)
		l.access, l.fresh = append(l.access, got["access_token"].(string)), append(l.fresh, got["refresh_token"].(string))
		l.hint = got["id_token"].(string)
	}
	l.sid = claimsOf(t, l.hint)["sid"].(string)
	return l
}

// over fails unless nothing of the session works any more, at once or, where a
// command did it, within a second and a little.
func (l *life) over(t *testing.T) {
	t.Helper()
	until := time.Now().Add(1500 * time.Millisecond)
	for path, conn := range l.streams {
		conn.SetReadDeadline(until)
		if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s is still open", path)
		}
	}
	for origin, cookie := range l.cookies {
		if resp := status(rig.NewBrowser(t), "GET", origin+"/", map[string]string{"Cookie": cookie}); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d", origin, resp.StatusCode)
		}
	}
	for i, p := range l.clients {
		if resp := status(rig.NewBrowser(t), "GET", l.h.auth+"/userinfo", map[string]string{"Authorization": "Bearer " + l.access[i]}); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("the access token of %s: %d", p.id, resp.StatusCode)
		}
		if code, got := p.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {l.fresh[i]}}); code != http.StatusBadRequest || got["error"] != "invalid_grant" {
			t.Errorf("the refresh token of %s: %d %v", p.id, code, got)
		}
	}
}

// notices counts the logout tokens that came, by client and session.
func (h *house) notices(t *testing.T, into map[string]int) {
	t.Helper()
	for _, seen := range h.app.Requests() {
		if !strings.HasPrefix(seen.URI, "/out") {
			continue
		}
		form, err := url.ParseQuery(seen.Body)
		if err != nil || seen.Method != http.MethodPost {
			t.Fatalf("%s %s: %q", seen.Method, seen.URI, seen.Body)
		}
		claims := claimsOf(t, form.Get("logout_token"))
		into[fmt.Sprint(claims["aud"], " ", claims["sid"])]++
	}
}

// However a session ends, all of it ends: open streams, sites, tokens; and each
// client is told by one POST. SES-09, SES-10, SES-12, SES-16, PRX-05
func TestEveryEndIsWhole(t *testing.T) {
	h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
	h.auth, h.site, h.wiki = fmt.Sprintf("http://auth.localhost:%d", h.port), fmt.Sprintf("http://app.localhost:%d", h.port), fmt.Sprintf("http://wiki.localhost:%d", h.port)
	h.cookie = fmt.Sprintf("gatehouse-%d", h.port)
	clients := "allow_private\n"
	for _, id := range []string{"one", "two"} {
		clients += fmt.Sprintf("client %s {\nfirst_party\nsecret %s\nredirect_uri http://localhost:1/callback\ngrant_types authorization_code refresh_token\nbackchannel_logout_uri %s/out/%[1]s\n}\n",
			id, strings.Repeat("0123456789", 4), h.app.URL)
	}
	h.Caddy = rig.Prepare(t, h.file(clients, ""))
	hash := strings.TrimSpace(h.must("", "hash-password", "--bcrypt-cost", "5", "--plaintext", password))
	declared := func(words string) {
		h.Write(strings.Replace(h.file(clients, ""), "\t\tusers\n", "\t\tusers {\n\t\t\tzoe {\n"+words+"\n\t\t\t}\n\t\t}\n", 1))
	}
	declared("password_hash " + hash + "\ngroup staff")
	h.addUser("alice", "--group", "staff")
	h.addUser("bob")
	h.Start()

	reload := func() {
		if err := h.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	backup := filepath.Join(t.TempDir(), "backup.sqlite")
	told, ended := map[string]int{}, []*life{}
	for _, way := range []struct {
		name, user string
		end        func(l *life)
	}{
		{"logout at a site", "alice", func(l *life) {
			l.b.Submit(l.b.Get(h.site+"/.gatehouse/logout"), map[string]string{"action": "logout"})
		}},
		{"logout at the portal", "alice", func(l *life) {
			l.b.Submit(l.b.Get(h.auth+"/logout"), map[string]string{"action": "logout"})
		}},
		{"end_session", "alice", func(l *life) { l.b.Get(h.auth + "/end_session?id_token_hint=" + l.hint) }},
		{"on all devices", "alice", func(l *life) {
			other := rig.NewBrowser(t)
			h.login(t, other, h.site+"/", "alice")
			other.Submit(other.Get(h.auth+"/"), map[string]string{"action": "everywhere"})
		}},
		{"somebody else signs in", "alice", func(l *life) {
			p := l.b.Get(h.auth + "/login?switch=1&return_url=" + url.QueryEscape("/"))
			l.b.Submit(p, map[string]string{"username": "bob", "password": password})
		}},
		{"session revoke", "alice", func(l *life) { h.must("", "gatehouse", "session", "revoke", l.sid) }},
		{"session revoke --user", "alice", func(*life) { h.must("", "gatehouse", "session", "revoke", "--user", "alice") }},
		{"a group taken away", "alice", func(*life) { h.must("", "gatehouse", "user", "set", "alice", "--no-group") }},
		{"password", "alice", func(*life) {
			h.must(password+"\n", "gatehouse", "user", "set-password", "alice", "--password-stdin")
		}},
		{"disabled", "alice", func(*life) { h.must("", "gatehouse", "user", "disable", "alice") }},
		{"deleted", "bob", func(*life) { h.must("", "gatehouse", "user", "delete", "bob") }},
		{"a group taken away in the Caddyfile", "zoe", func(*life) { declared("password_hash " + hash); reload() }},
		{"gone from the Caddyfile", "zoe", func(*life) { h.Write(h.file(clients, "")); reload() }},
		{"restore", "alice", func(*life) { h.must("", "gatehouse", "restore", backup, "--yes") }},
	} {
		t.Run(way.name, func(t *testing.T) {
			if way.name == "restore" {
				h.must("", "gatehouse", "user", "enable", "alice")
				h.must("", "gatehouse", "backup", backup)
			}
			l := begin(t, h, way.user)
			way.end(l)
			l.over(t)
			ended = append(ended, l)
			for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				if h.notices(t, told); told["one "+l.sid] > 0 && told["two "+l.sid] > 0 {
					break
				}
			}
		})
	}
	time.Sleep(300 * time.Millisecond) // for one that would come twice
	h.notices(t, told)
	for _, l := range ended {
		for _, id := range []string{"one", "two"} {
			if n := told[id+" "+l.sid]; n != 1 {
				t.Errorf("%s was told %d times of the end of %s", id, n, l.sid)
			}
		}
	}
}
