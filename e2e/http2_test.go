package e2e_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// tlsHost starts a login host and one guarded site with TLS, which speak
// HTTP/2 as well.
func tlsHost(t *testing.T, guard string) *house {
	t.Helper()
	h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0], cookie: "__Host-Http-gatehouse"}
	h.auth = fmt.Sprintf("https://auth.localhost:%d", h.port)
	h.site = fmt.Sprintf("https://app.localhost:%d", h.port)
	h.Caddy = rig.Prepare(t, fmt.Sprintf(`{
	admin ADMIN
	persist_config off
	auto_https disable_redirects
	skip_install_trust
	local_certs
	gatehouse {
		issuer %[1]s
		users
	}
}
%[1]s {
	gatehouse_portal
}
%[2]s {
	gatehouse {
		%[4]s
	}
	reverse_proxy %[3]s
}
`, h.auth, h.site, h.app.Addr(), guard))
	h.addUser("alice", "--group", "staff")
	h.Start()
	for _, origin := range []string{h.auth, h.site} {
		dial(t, h, origin).Close()
	}
	return h
}

// dial connects by TLS, and waits while Caddy still makes the certificate.
func dial(t *testing.T, h *house, origin string) *tls.Conn {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(origin, "https://"), ":")
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.port),
			&tls.Config{ServerName: host, InsecureSkipVerify: true, NextProtos: []string{"h2"}}) // Caddy's own test authority, on loopback
		if err == nil {
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// field is one field of a header block, in the order in which it is sent.
type field [2]string

// stream sends one request over HTTP/2, byte for byte as given, and gives the
// status of the answer, or how the stream ended.
func stream(t *testing.T, h *house, fields []field, body string, trailer []field) string {
	t.Helper()
	conn := dial(t, h, h.site)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	conn.Write([]byte(http2.ClientPreface))
	framer := http2.NewFramer(conn, conn)
	framer.WriteSettings()
	framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block(fields), EndHeaders: true, EndStream: body == "" && trailer == nil})
	if body != "" {
		framer.WriteData(1, trailer == nil, []byte(body))
	}
	if trailer != nil {
		framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block(trailer), EndHeaders: true, EndStream: true})
	}
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return "closed"
		}
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			return f.PseudoValue("status")
		case *http2.RSTStreamFrame:
			return "reset"
		case *http2.GoAwayFrame:
			return "goaway"
		}
	}
}

func block(fields []field) []byte {
	var b bytes.Buffer
	encoder := hpack.NewEncoder(&b)
	for _, f := range fields {
		encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	return b.Bytes()
}

// HDR-02…07 over HTTP/2: HDR-06. No spelling of an identity header, in the
// header block or in trailers, announced or not, reaches the application.
func TestSpoofedHeadersOverHTTP2(t *testing.T) {
	h := tlsHost(t, "public /pub/*")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	cookie := field{"cookie", h.cookie + "=" + b.Cookie(h.site, h.cookie)}
	authority := strings.TrimPrefix(h.site, "https://")
	for _, spoof := range []field{
		{"remote-user", "root"},
		{"remote_user", "root"},
		{"remote.user", "root"},
		{"remoteuser", "root"},
		{"remote--user", "root"},
		{"http_remote_user", "root"},
		{"remote~user", "root"},
		{"Remote-User", "root"},
		{"remote-groups", "root"},
		{"remote_email", "root"},
		{"connection", "remote-user"},
		{"proxy-connection", "remote-user"},
		{"trailer", "remote-user"},
	} {
		for _, path := range []string{"/pub/x", "/private"} {
			h.app.Requests()
			fields := []field{{":method", "POST"}, {":scheme", "https"}, {":authority", authority}, {":path", path}, {"origin", h.site}, spoof}
			if path == "/private" {
				fields = append(fields, cookie)
			}
			got := stream(t, h, fields, "abc", []field{{"remote-user", "root"}, {"remote_groups", "root"}, {"x-other", "root"}})
			if strings.HasPrefix(got, "5") {
				t.Errorf("%v on %s: %s", spoof, path, got)
			}
			for _, seen := range h.app.Requests() {
				if all := fmt.Sprint(seen.Header, seen.Trailer); strings.Contains(all, "root") || len(seen.Trailer) > 0 {
					t.Errorf("%v on %s arrived: %s", spoof, path, all)
				}
				if got := seen.Header["Remote-User"]; path == "/private" && (len(got) != 1 || got[0] != "alice") {
					t.Errorf("%v: Remote-User is %v", spoof, got)
				}
			}
		}
	}
}

// PRX-11: nothing in a header block or pseudo-header breaks the lines of the
// HTTP/1.1 request that is made of it.
func TestNoSplittingOverHTTP2(t *testing.T) {
	h := tlsHost(t, "public /pub/*")
	authority := strings.TrimPrefix(h.site, "https://")
	good := map[string]string{":method": "GET", ":scheme": "https", ":authority": authority, ":path": "/pub/x"}
	send := func(change field, more ...field) string {
		var fields []field
		for _, name := range []string{":method", ":scheme", ":authority", ":path"} {
			value := good[name]
			if change[0] == name {
				value = change[1]
			}
			fields = append(fields, field{name, value})
		}
		return stream(t, h, append(fields, more...), "", nil)
	}
	if got := send(field{}); got != "200" || len(h.app.Requests()) != 1 {
		t.Fatalf("a plain request: %s", got)
	}
	const evil = "x HTTP/1.1\r\nHost: a\r\nRemote-User: root\r\nX-Split: yes\r\n\r\nGET /private HTTP/1.1\r\n"
	for _, name := range []string{":method", ":scheme", ":authority", ":path"} {
		for _, value := range []string{good[name] + " " + evil, good[name] + "\r\nX-Split: yes", good[name] + "\nX-Split: yes", good[name] + "\rX-Split: yes", good[name] + "\x00", good[name] + " x", "", "\tx"} {
			check(t, h, fmt.Sprintf("%s %q", name, value), send(field{name, value}))
		}
	}
	for _, f := range []field{
		{"x-a", "b\r\nX-Split: yes"},
		{"x-a", "b\nX-Split: yes"},
		{"x-a", "b\rc"},
		{"x-a", "b\x00c"},
		{"x-a\r\nx-split", "yes"},
		{"x-a: b\r\nx-split", "yes"},
		{"x-a ", "b"},
		{"x a", "b"},
		{"", "b"},
		{":path", "/private"},
		{":authority", "evil"},
		{":protocol", "websocket"},
		{"transfer-encoding", "chunked"},
		{"content-length", "5"},
		{"content-length", "0\r\nX-Split: yes"},
		{"host", "evil.example"},
		{"host", "a\r\nX-Split: yes"},
		{"upgrade", "h2c"},
		{"te", "trailers, remote-user"},
		{"expect", "100-continue\r\nX-Split: yes"},
		{"cookie", "a=b\r\nX-Split: yes"},
		{"http2-settings", "AAMAAABkAAQAAP__"},
	} {
		check(t, h, fmt.Sprintf("%q", f), send(field{}, f))
	}
	for _, method := range []string{"CONNECT", "PRI", "GET\t", "get", "TRACE"} {
		check(t, h, method, send(field{":method", method}))
	}
}

// check fails if what arrived is more than one plain request for the public
// path, or if it was an error of ours.
func check(t *testing.T, h *house, what, status string) {
	t.Helper()
	seen := h.app.Requests()
	if strings.HasPrefix(status, "5") && status != "501" || len(seen) > 1 {
		t.Errorf("%s: %s, %d requests arrived", what, status, len(seen))
	}
	for _, s := range seen {
		if all := fmt.Sprint(s.Header); strings.Contains(all, "Split") || strings.Contains(all, "root") || !strings.HasPrefix(s.URI, "/pub/x") || strings.ContainsAny(s.URI, " \r\n\t") || s.Host == "evil.example" || s.Header.Get("Upgrade") != "" || s.Header.Get("Transfer-Encoding") != "" {
			t.Errorf("%s: arrived as %s %s at %s with %s", what, s.Method, s.URI, s.Host, all)
		}
	}
}

// PRX-07, PRX-08: a WebSocket over HTTP/2 (RFC 8441) passes the same decision:
// not without a session, and not for another site.
func TestWebSocketOverHTTP2(t *testing.T) {
	h := tlsHost(t, "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	authority := strings.TrimPrefix(h.site, "https://")
	connect := []field{{":method", "CONNECT"}, {":protocol", "websocket"}, {":scheme", "https"}, {":authority", authority}, {":path", "/ws"}, {"sec-websocket-version", "13"}}
	cookie := field{"cookie", h.cookie + "=" + b.Cookie(h.site, h.cookie)}
	h.app.Requests()
	for name, more := range map[string][]field{
		"no session": {{"origin", h.site}}, "foreign origin": {{"origin", "https://evil.example"}, cookie}, "sibling": {{"origin", h.auth}, cookie}, "null": {{"origin", "null"}, cookie},
	} {
		if got := stream(t, h, append(connect[:len(connect):len(connect)], more...), "", []field{}); got == "200" || len(h.app.Requests()) != 0 {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, protocol := range []string{"h2c", "connect-udp", "websocket2", ""} {
		fields := append([]field{{":method", "CONNECT"}, {":protocol", protocol}}, connect[2:]...)
		if got := stream(t, h, append(fields, cookie, field{"origin", h.site}), "", nil); got == "200" || len(h.app.Requests()) != 0 {
			t.Errorf("CONNECT with %q: %s", protocol, got)
		}
	}
}
