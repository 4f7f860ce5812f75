package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// SES-09, SES-12: logging out at one place ends the session everywhere, and a
// copied cookie is dead at once.
func TestLogoutEndsEverySite(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	b.Get(h.wiki + "/")
	copied := map[string]string{h.site: b.Cookie(h.site, h.cookie), h.wiki: b.Cookie(h.wiki, h.cookie)}
	p := b.Get(h.site + "/.gatehouse/logout")
	b.Submit(p, map[string]string{"action": "logout"})
	for origin, value := range copied {
		resp := status(rig.NewBrowser(t), "GET", origin+"/", map[string]string{"Cookie": h.cookie + "=" + value})
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: the copied cookie gave %d after logout", origin, resp.StatusCode)
		}
	}
	if p := b.Get(h.wiki + "/"); !strings.Contains(p.URL.Path, "/login") {
		t.Errorf("the wiki is open after logout: %s", p.URL)
	}
}

// PRX-05, SES-16: a user disabled or deleted by the command is refused at most
// a second later, and open WebSockets and event streams end.
func TestDisabledByCommand(t *testing.T) {
	h := loginHost(t, "", "")
	for _, verb := range []string{"disable", "delete"} {
		name := "user-" + verb
		h.addUser(name)
		b := rig.NewBrowser(t)
		h.login(t, b, h.site+"/", name)
		cookie := h.cookie + "=" + b.Cookie(h.site, h.cookie)
		socket, events := open(t, h, "/ws", cookie), open(t, h, "/events", cookie)
		h.must("", "gatehouse", "user", verb, name)
		done := time.Now()
		for _, conn := range []net.Conn{socket, events} {
			conn.SetReadDeadline(done.Add(1500 * time.Millisecond))
			if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("%s: a stream is still open after 1.5 s", verb)
			}
		}
		resp := status(rig.NewBrowser(t), "GET", h.site+"/", map[string]string{"Cookie": cookie})
		if resp.StatusCode != http.StatusUnauthorized || time.Since(done) > 2*time.Second {
			t.Errorf("%s: %d after %v", verb, resp.StatusCode, time.Since(done))
		}
	}
}

// open starts a WebSocket or an event stream and reads until it flows.
func open(t *testing.T, h *house, path, cookie string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nCookie: %s\r\n", path, strings.TrimPrefix(h.site, "http://"), h.site, cookie)
	want := " 200 "
	if path == "/ws" {
		want = " 101 "
		io.WriteString(conn, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
	}
	io.WriteString(conn, "\r\n")
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, want) {
		t.Fatalf("%s: %q, %v", path, line, err)
	}
	return conn
}

// PRX-05: a request that the application is still at work on when its session
// ends is answered as the next one will be, and not with an empty error.
func TestEndedBeforeTheAnswer(t *testing.T) {
	h := loginHost(t, "", "")
	for accept, want := range map[string]int{"text/html": http.StatusSeeOther, "application/json": http.StatusUnauthorized} {
		b := rig.NewBrowser(t)
		h.login(t, b, h.site+"/", "alice")
		got := make(chan *http.Response)
		go func() {
			got <- status(rig.NewBrowser(t), "GET", h.site+"/slow?x=1", map[string]string{
				"Accept": accept, "Cookie": h.cookie + "=" + b.Cookie(h.site, h.cookie),
			})
		}()
		time.Sleep(300 * time.Millisecond)
		began := time.Now()
		b.Submit(b.Get(h.auth+"/logout"), map[string]string{"action": "logout"})
		resp := <-got
		if resp.StatusCode != want || time.Since(began) > 3*time.Second {
			t.Errorf("%s: %d after %v", accept, resp.StatusCode, time.Since(began))
		}
		if want == http.StatusSeeOther && resp.Header.Get("Location") != h.site+"/slow?x=1" {
			t.Errorf("led to %q", resp.Header.Get("Location"))
		}
	}
}

// SES-11: logging out ends this browser's session only.
func TestLogoutLeavesOtherBrowsers(t *testing.T) {
	h := loginHost(t, "", "")
	one, two := rig.NewBrowser(t), rig.NewBrowser(t)
	h.login(t, one, h.site+"/", "alice")
	h.login(t, two, h.site+"/", "alice")
	p := one.Get(h.auth + "/logout")
	one.Submit(p, map[string]string{"action": "logout"})
	wantUser(t, two, two.Get(h.site+"/"), "alice")
}

// CSR-05: a GET ends nothing.
func TestGetLogoutEndsNothing(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	for _, at := range []string{h.auth + "/logout", h.site + "/.gatehouse/logout"} {
		b.Get(at)
		status(b, "HEAD", at, nil)
		status(b, "POST", at, map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
	}
	wantUser(t, b, b.Get(h.site+"/"), "alice")
}

// A session revoked by the command is over.
func TestSessionRevokedByCommand(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	out := h.must("", "gatehouse", "session", "list", "--json")
	_, rest, _ := strings.Cut(out, `"sid":`)
	sid := strings.Trim(strings.FieldsFunc(rest, func(r rune) bool { return r == ',' || r == '}' })[0], ` "`)
	h.must("", "gatehouse", "session", "revoke", sid)
	time.Sleep(time.Second)
	resp := status(b, "GET", h.site+"/", nil)
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("%d after the session was revoked", resp.StatusCode)
	}
}

// SES-16: with sessions in the server's memory commands end them all the same,
// and say what they can't see.
func TestCommandsReachMemory(t *testing.T) {
	h := loginHost(t, "sessions memory\n", "")
	for _, args := range [][]string{
		{"session", "revoke", "--user", "alice"}, {"user", "set", "alice", "--no-group", "--no-admin"}, {"user", "set-password", "alice", "--password-stdin"},
	} {
		b := rig.NewBrowser(t)
		h.login(t, b, h.site+"/", "alice")
		cookie := h.cookie + "=" + b.Cookie(h.site, h.cookie)
		out := h.must(password+"\n", append([]string{"gatehouse"}, args...)...)
		if !strings.Contains(out, "told the server") {
			t.Errorf("%v: %s", args, out)
		}
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			resp := status(rig.NewBrowser(t), "GET", h.site+"/", map[string]string{"Cookie": cookie})
			if resp.StatusCode == http.StatusUnauthorized {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%v: still signed in", args)
			}
		}
	}
	if out, err := h.Run("", "gatehouse", "session", "list"); err == nil || !strings.Contains(out, "in the memory of the server") {
		t.Errorf("%v: %s", err, out)
	}
}
