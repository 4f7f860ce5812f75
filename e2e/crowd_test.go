package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowd is four clients that ask, with hardly a pause, until they leave.
type crowd struct {
	// served got an answer, refused one that was not 200, failed one of 500 or
	// more, broken none at all.
	served, refused, failed, broken atomic.Int64

	stop chan struct{}
	wg   sync.WaitGroup
}

func gather(h *house, cookie string) *crowd {
	c := &crowd{stop: make(chan struct{})}
	for range 4 {
		c.wg.Go(func() {
			client := &http.Client{Timeout: 10 * time.Second, Transport: new(http.Transport)}
			defer client.CloseIdleConnections()
			for {
				select {
				case <-c.stop:
					return
				case <-time.After(5 * time.Millisecond): // `caddy reload` needs the processor too
					c.ask(client, h, cookie)
				}
			}
		})
	}
	return c
}

func (c *crowd) ask(client *http.Client, h *house, cookie string) {
	req, err := http.NewRequest("GET", fmt.Sprintf("http://127.0.0.1:%d/load", h.port), nil)
	if err != nil {
		panic(err)
	}
	req.Host = strings.TrimPrefix(h.site, "http://")
	req.Header.Set("Cookie", cookie)
	resp, err := client.Do(req)
	if err != nil {
		c.broken.Add(1)
		return
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	c.served.Add(1)
	if resp.StatusCode != http.StatusOK {
		c.refused.Add(1)
	}
	if resp.StatusCode >= http.StatusInternalServerError {
		c.failed.Add(1)
	}
}

// leave ends the asking and waits for the last answer.
func (c *crowd) leave() {
	close(c.stop)
	c.wg.Wait()
}

// String says how it went.
func (c *crowd) String() string {
	return fmt.Sprintf("%d served, %d not with 200, %d of them 5xx, %d broken", c.served.Load(), c.refused.Load(), c.failed.Load(), c.broken.Load())
}

// socket is an upgraded connection that sends every line back.
type socket struct {
	net.Conn
	lines *bufio.Reader
}

// upgrade opens a WebSocket at a site.
func upgrade(t *testing.T, h *house, site, cookie string) *socket {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &socket{conn, bufio.NewReader(conn)}
	fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nCookie: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		strings.TrimPrefix(site, "http://"), site, cookie)
	if err := s.echoes(); err != nil {
		t.Fatalf("%s: %v", site, err)
	}
	return s
}

// echoes tells whether a line comes back. Before the first one the answer's
// header is read.
func (s *socket) echoes() error {
	s.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(s, "are you there\n"); err != nil {
		return err
	}
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil || line == "are you there\n" {
			return err
		}
	}
}
