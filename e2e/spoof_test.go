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

// raw sends bytes to the site and returns the status line; the connection is
// given 2 s.
func raw(t *testing.T, h *house, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Second))
	io.WriteString(conn, strings.ReplaceAll(request, "\n", "\r\n"))
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}

var spoofed = []string{
	"Remote-User: root", "remote-user: root", "REMOTE-USER: root", "Remote_User: root", "remote.user: root", "RemoteUser: root",
	"Remote--User: root", "HTTP_REMOTE_USER: root", "Remote-Groups: admins", "Remote_Groups: admins", "Remote-Email: root@example.com",
	"Remote-Name: root", "Remote-Sub: root", "Remote~User: root", "Remote|User: root",
}

// HDR-02, HDR-03, HDR-07: an identity header of the client never arrives, on a
// public path without a session as little as on a protected one with one.
func TestSpoofedHeaders(t *testing.T) {
	h := loginHost(t, "", "public /pub/*")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	session := h.cookie + "=" + b.Cookie(h.site, h.cookie)
	h.app.Requests()
	host := strings.TrimPrefix(h.site, "http://")
	for _, line := range spoofed {
		raw(t, h, "GET /pub/x HTTP/1.1\nHost: "+host+"\n"+line+"\nConnection: close\n\n")
		raw(t, h, "GET /private HTTP/1.1\nHost: "+host+"\nCookie: "+session+"\n"+line+"\nConnection: close\n\n")
		seen := h.app.Requests()
		if len(seen) != 2 {
			t.Errorf("%s: %d requests arrived", line, len(seen))
			continue
		}
		for name, values := range seen[0].Header {
			if strings.HasPrefix(fold(name), "remote") {
				t.Errorf("%s on a public path arrived as %s: %v", line, name, values)
			}
		}
		for name, values := range seen[1].Header {
			if strings.Contains(strings.Join(values, ","), "root") || fold(name) == "remoteuser" && name != "Remote-User" {
				t.Errorf("%s with a session arrived as %s: %v", line, name, values)
			}
		}
		if got := seen[1].Header["Remote-User"]; len(got) != 1 || got[0] != "alice" {
			t.Errorf("%s: Remote-User is %v", line, got)
		}
	}
}

func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// HDR-04: naming an identity header in Connection does not remove it.
func TestConnectionCannotRemoveIdentity(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	cookie := h.cookie + "=" + b.Cookie(h.site, h.cookie)
	host := strings.TrimPrefix(h.site, "http://")
	for _, lines := range []string{
		"Connection: Remote-User", "Connection: close, Remote-User, Remote-Groups", "Connection:\nConnection: remote-user",
		"connection: keep-alive\nConnection: REMOTE-USER", "Connection: Remote_User, Remote-User", "Proxy-Connection: Remote-User",
	} {
		h.app.Requests()
		raw(t, h, "GET /x HTTP/1.1\nHost: "+host+"\nCookie: "+cookie+"\n"+lines+"\n\n")
		seen := h.app.Requests()
		if len(seen) != 1 || seen[0].Header.Get("Remote-User") != "alice" || seen[0].Header.Get("Remote-Groups") == "" {
			t.Errorf("%q: %+v", lines, seen)
		}
	}
}

// HDR-05: announced and unannounced trailers do not reach the application.
func TestTrailers(t *testing.T) {
	h := loginHost(t, "", "public /pub/*")
	host := strings.TrimPrefix(h.site, "http://")
	for _, announce := range []string{"Trailer: Remote-User\n", "Trailer: X-Other\n", "Trailer: X-Other, Remote-User\nTE: trailers\n", ""} {
		h.app.Requests()
		raw(t, h, "POST /pub/x HTTP/1.1\nHost: "+host+"\nTransfer-Encoding: chunked\n"+announce+"\n3\nabc\n0\nRemote-User: root\nX-Other: y\n\n")
		seen := h.app.Requests()
		if len(seen) != 1 || seen[0].Body != "abc" {
			t.Fatalf("%q: %+v", announce, seen)
		}
		if len(seen[0].Trailer) != 0 || seen[0].Header.Get("Remote-User") != "" {
			t.Errorf("%q: trailers %v arrived", announce, seen[0].Trailer)
		}
	}
}

// PRX-07, PRX-09: only a WebSocket is an upgrade, and only after the decision.
func TestUpgrades(t *testing.T) {
	h := loginHost(t, "", "public /pub/*")
	host := strings.TrimPrefix(h.site, "http://")
	for _, lines := range []string{
		"Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQAAP__",
		"Connection: Upgrade\nUpgrade: foo", "Connection: Upgrade\nUpgrade: TLS/1.3", "Connection: Upgrade\nUpgrade: websocket, h2c",
		"Connection: Upgrade\nUpgrade: HTTP/2.0", "Upgrade: h2c", "Connection: Upgrade\nUpgrade: websocket\nUpgrade: h2c",
	} {
		line := raw(t, h, "GET /pub/x HTTP/1.1\nHost: "+host+"\n"+lines+"\n\n")
		for _, s := range h.app.Requests() {
			if s.Header.Get("Upgrade") != "" || s.Header.Get("Http2-Settings") != "" {
				t.Errorf("%q (%s): arrived with %v", lines, line, s.Header)
			}
		}
		if strings.Contains(line, " 101 ") || strings.Contains(line, " 5") {
			t.Errorf("%q: %s", lines, line)
		}
	}
	line := raw(t, h, "GET /ws HTTP/1.1\nHost: "+host+"\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n")
	if !strings.Contains(line, " 401 ") || len(h.app.Requests()) != 0 {
		t.Errorf("a WebSocket without a session: %s", line)
	}
}

// PTH-01…03, PTH-05, AUZ-01: a path that could be read in two ways opens
// nothing where a path decides.
func TestAmbiguousPaths(t *testing.T) {
	h := loginHost(t, "", "public /pub/*\n\t\tpublic /health")
	host := strings.TrimPrefix(h.site, "http://")
	for _, target := range []string{
		"/pub/../private", "/pub/%2e%2e/private", "/pub/..;/private", `/pub/..\private`, "/pub/..%5cprivate", "/pub/%2e%2e%2fprivate",
		"/pub/..%2fprivate", "/pub/..%00/private", "/pub/%252e%252e/private", "//pub/x", "/pub//x", "/pub/./x", "/pub/x;y", "/pub/%zz", "/pub/%00",
		"/PUB/x", "/publicsecret", "/private?x=/pub/", "/private#/pub/", "/healthz", "/health/", "/%70ub/x", "/pub/x%3b", "/private?/pub/x", "/pubx/y", "/pub",
	} {
		line := raw(t, h, "GET "+target+" HTTP/1.1\nHost: "+host+"\nX-Original-URL: /pub/x\nX-Rewrite-URL: /pub/x\nX-Forwarded-Uri: /pub/x\nConnection: close\n\n")
		if seen := h.app.Requests(); len(seen) != 0 && seen[0].URI != "/%70ub/x" {
			t.Errorf("%s reached the application as %s", target, seen[0].URI)
		}
		if strings.Contains(line, " 5") || line == "" {
			t.Errorf("%s: %q", target, line)
		}
	}
	for _, target := range []string{"/pub/x", "/health", "/pub/a/b?c=/private", "/pub/"} {
		raw(t, h, "GET "+target+" HTTP/1.1\nHost: "+host+"\nConnection: close\n\n")
		if n := len(h.app.Requests()); n != 1 {
			t.Errorf("%s: %d requests arrived", target, n)
		}
	}
}

// PTH-07, PRX-10: odd targets and hosts, and requests with two lengths, never
// reach a protected page.
func TestOddHostsAndLengths(t *testing.T) {
	h := loginHost(t, "", "")
	host := strings.TrimPrefix(h.site, "http://")
	evil := fmt.Sprintf("evil.example:%d", h.port)
	for _, request := range []string{
		"GET / HTTP/1.1\n\n", "GET / HTTP/1.1\nHost:\n\n", "GET / HTTP/1.1\nHost: " + host + "\nHost: " + evil + "\n\n",
		"GET http://" + evil + "/ HTTP/1.1\nHost: " + host + "\n\n", "GET / HTTP/1.1\nHost: " + evil + "\n\n",
		"GET / HTTP/1.1\nHost: " + host + ":x\n\n", "GET http:// HTTP/1.1\nHost: " + host + "\n\n", "GET * HTTP/1.1\nHost: " + host + "\n\n",
		"POST / HTTP/1.1\nHost: " + host + "\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
		"POST / HTTP/1.1\nHost: " + host + "\nContent-Length: 5\nContent-Length: 6\n\nabcdef", "CONNECT " + host + " HTTP/1.1\nHost: " + host + "\n\n",
		"GET / HTTP/1.0\n\n",
	} {
		line := raw(t, h, request)
		if seen := h.app.Requests(); len(seen) != 0 {
			t.Errorf("%q (%s) reached the application", request, line)
		}
		if strings.Contains(line, " 5") && !strings.Contains(line, "501") {
			t.Errorf("%q: %s", request, line)
		}
	}
}

// FWD-01, FWD-02, FWD-06: no address we write comes from the request.
func TestForwardedHeadersChangeNothing(t *testing.T) {
	h := loginHost(t, "", "")
	get := func(header map[string]string) *http.Response {
		all := map[string]string{"Accept": "text/html"}
		for k, v := range header {
			all[k] = v
		}
		return status(rig.NewBrowser(t), "GET", h.site+"/x", all)
	}
	strip := func(location string) string { l, _, _ := strings.Cut(location, "&state="); return l }
	want := strip(get(nil).Header.Get("Location"))
	for name, value := range map[string]string{
		"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "99", "Forwarded": "host=evil.example;proto=https",
		"X-Original-Host": "evil.example", "Referer": "https://evil.example/", "X-Forwarded-Prefix": "/evil",
	} {
		resp := get(map[string]string{name: value})
		if got := strip(resp.Header.Get("Location")); got != want || resp.StatusCode != 303 {
			t.Errorf("%s: %d %s, want %s", name, resp.StatusCode, got, want)
		}
	}
}
