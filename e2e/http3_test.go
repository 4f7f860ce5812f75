package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/qpack"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/quic-go/quicvarint"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// Types of HTTP/3 frames (RFC 9114, section 7.2).
const (
	frameData    = 0
	frameHeaders = 1
)

// dial3 connects by QUIC and says what HTTP/3 has to say first.
func dial3(t *testing.T, h *house) *quic.Conn {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(h.site, "https://"), ":")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	conn, err := quic.DialAddr(ctx, fmt.Sprintf("127.0.0.1:%d", h.port),
		&tls.Config{ServerName: host, InsecureSkipVerify: true, NextProtos: []string{"h3"}}, nil) // Caddy's own test authority, on loopback
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseWithError(0, "") })
	new(http3.Transport).NewClientConn(conn)
	return conn
}

// stream3 sends one request over HTTP/3, byte for byte as given, and gives the
// status of the answer, or how the stream ended.
func stream3(t *testing.T, conn *quic.Conn, fields []field, body string, trailer []field) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s, err := conn.OpenStreamSync(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.SetDeadline(time.Now().Add(5 * time.Second))
	sent := frame(nil, frameHeaders, block3(fields))
	sent = frame(sent, frameData, []byte(body))
	sent = frame(sent, frameHeaders, block3(trailer))
	s.Write(sent)
	s.Close()
	r := bufio.NewReader(s)
	kind, err := quicvarint.Read(r)
	if err != nil || kind != frameHeaders {
		return "closed"
	}
	size, _ := quicvarint.Read(r)
	answer := make([]byte, size)
	if _, err := io.ReadFull(r, answer); err != nil {
		return "cut"
	}
	next := qpack.NewDecoder().Decode(answer)
	for {
		f, err := next()
		if err != nil {
			return "no status"
		}
		if f.Name == ":status" {
			io.Copy(io.Discard, r)
			return f.Value
		}
	}
}

func frame(to []byte, kind uint64, payload []byte) []byte {
	to = quicvarint.Append(to, kind)
	to = quicvarint.Append(to, uint64(len(payload)))
	return append(to, payload...)
}

func block3(fields []field) []byte {
	var b bytes.Buffer
	encoder := qpack.NewEncoder(&b)
	for _, f := range fields {
		encoder.WriteField(qpack.HeaderField{Name: f[0], Value: f[1]})
	}
	return b.Bytes()
}

// HDR-02…07 over HTTP/3: HDR-06. No spelling of an identity header, in the
// header block or in trailers, announced or not, reaches the application, and
// naming one in Connection takes ours away as little.
func TestSpoofedHeadersOverHTTP3(t *testing.T) {
	h := tlsHost(t, "public /pub/*")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	cookie := field{"cookie", h.cookie + "=" + b.Cookie(h.site, h.cookie)}
	conn := dial3(t, h)
	served := 0
	for _, spoof := range []field{
		{"x-nothing", "to see"},
		{"remote-user", "root"},
		{"remote_user", "root"},
		{"remote.user", "root"},
		{"remoteuser", "root"},
		{"remote--user", "root"},
		{"http_remote_user", "root"},
		{"remote~user", "root"},
		{"remote-groups", "root"},
		{"remote_email", "root"},
		{"remote-sub", "root"},
		{"trailer", "remote-user"},
		{"trailer", "x-other, remote-user"},
		{"connection", "remote-user"},
		{"proxy-connection", "remote-user"},
	} {
		for _, path := range []string{"/pub/x", "/private"} {
			h.app.Requests()
			fields := []field{{":method", "POST"}, {":scheme", "https"}, {":authority", strings.TrimPrefix(h.site, "https://")}, {":path", path}, {"origin", h.site}, spoof}
			if path == "/private" {
				fields = append(fields, cookie)
			}
			got := stream3(t, conn, fields, "abc", []field{{"remote-user", "root"}, {"remote_groups", "root"}, {"x-other", "root"}})
			if strings.HasPrefix(got, "5") {
				t.Errorf("%v on %s: %s", spoof, path, got)
			}
			for _, seen := range h.app.Requests() {
				served++
				if all := fmt.Sprint(seen.Header, seen.Trailer); strings.Contains(all, "root") || len(seen.Trailer) > 0 {
					t.Errorf("%v on %s arrived: %s", spoof, path, all)
				}
				if user := seen.Header["Remote-User"]; path == "/private" && (len(user) != 1 || user[0] != "alice") {
					t.Errorf("%v: Remote-User is %v", spoof, user)
				}
				if seen.Body != "abc" {
					t.Errorf("%v on %s: the body is %q", spoof, path, seen.Body)
				}
			}
		}
	}
	if served < 26 { // Connection has no place in HTTP/3 and may be refused
		t.Errorf("%d requests arrived: this test sees nothing", served)
	}
}
