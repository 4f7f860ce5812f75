package e2e_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// deafSocket hears nothing until a moment has passed: a handshake can't be
// completed before, and what is sent meanwhile is early data.
type deafSocket struct {
	net.PacketConn
	until atomic.Int64 // Unix nanoseconds
}

// ReadFrom implements net.PacketConn.
func (d *deafSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	time.Sleep(time.Until(time.Unix(0, d.until.Load())))
	return d.PacketConn.ReadFrom(b)
}

// PRX-13, FWD-03, HDR-06: over HTTP/3 a request that came as early data may be
// a replay, from an address that somebody made up. One that could change
// something is answered with 425, at the application's host and at the login
// host, and no rule believes the address.
func TestEarlyData(t *testing.T) {
	h := tlsHost(t, "allow {\n\t\t\tclient_ip 127.0.0.1\n\t\t}\n\t\tpublic /pub/*")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	cookie := h.cookie + "=" + b.Cookie(h.site, h.cookie)
	inner, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket := &deafSocket{PacketConn: inner}
	udp := &quic.Transport{Conn: socket}
	defer inner.Close()
	defer udp.Close()
	sessions := tls.NewLRUClientSessionCache(10)
	send := func(early bool, method, address string) int {
		t.Helper()
		req, err := http.NewRequest(method, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", cookie)
		req.Header.Set("Origin", h.site)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if early {
			socket.until.Store(time.Now().Add(300 * time.Millisecond).UnixNano())
		}
		conn, err := udp.DialEarly(ctx, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: h.port},
			&tls.Config{ServerName: req.URL.Hostname(), InsecureSkipVerify: true, NextProtos: []string{"h3"}, ClientSessionCache: sessions}, nil) // Caddy's own test authority, on loopback
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseWithError(0, "")
		if !early {
			<-conn.HandshakeComplete()
		}
		stream, err := new(http3.Transport).NewClientConn(conn).OpenRequestStream(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.SendRequestHeader(req); err != nil {
			t.Fatal(err)
		}
		stream.Close()
		resp, err := stream.ReadResponse()
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if early && !conn.ConnectionState().Used0RTT {
			t.Fatalf("%s %s was no early data", method, address)
		}
		time.Sleep(50 * time.Millisecond) // for the next session ticket
		return resp.StatusCode
	}
	for _, origin := range []string{h.site, h.auth} {
		send(false, "GET", origin+"/") // gets a session ticket
	}
	h.app.Requests()
	for _, c := range []struct {
		early                bool
		method, address      string
		status, applications int
	}{
		{false, "POST", h.site + "/x", 200, 1},
		{true, "POST", h.site + "/x", http.StatusTooEarly, 0},
		{true, "DELETE", h.site + "/x", http.StatusTooEarly, 0},
		{true, "POST", h.site + "/pub/x", http.StatusTooEarly, 0},
		{true, "GET", h.site + "/pub/x", 200, 1},
		{true, "GET", h.site + "/x", http.StatusForbidden, 0},
		{false, "GET", h.site + "/x", 200, 1},
		{true, "POST", h.auth + "/login", http.StatusTooEarly, 0},
		{true, "POST", h.auth + "/logout", http.StatusTooEarly, 0},
		{true, "POST", h.auth + "/token", http.StatusTooEarly, 0},
		{true, "GET", h.auth + "/login", 200, 0},
	} {
		if got := send(c.early, c.method, c.address); got != c.status {
			t.Errorf("early %v %s %s: %d, want %d", c.early, c.method, strings.TrimPrefix(c.address, "https://"), got, c.status)
		}
		if n := len(h.app.Requests()); n != c.applications {
			t.Errorf("early %v %s %s: %d requests arrived", c.early, c.method, c.address, n)
		}
	}
}
