package rig

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Seen is one request as the application received it.
type Seen struct {
	Method  string
	URI     string
	Host    string
	Header  http.Header
	Trailer http.Header
	Body    string
}

// App is a legacy application: it believes its headers and answers with what
// it received, as JSON. /ws speaks an upgraded echo protocol, /events streams, /slow
// takes five seconds.
type App struct {
	*httptest.Server
	mu   sync.Mutex
	seen []Seen
}

// NewApp starts an application that ends with the test.
func NewApp(t testing.TB) *App {
	a := new(App)
	a.Server = httptest.NewServer(a)
	t.Cleanup(func() { a.CloseClientConnections(); a.Close() })
	return a
}

// Addr is the application's host and port.
func (a *App) Addr() string { return strings.TrimPrefix(a.URL, "http://") }

// ServeHTTP records and answers.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	s := Seen{r.Method, r.RequestURI, r.Host, r.Header.Clone(), r.Trailer.Clone(), string(body)}
	a.mu.Lock()
	a.seen = append(a.seen, s)
	a.mu.Unlock()
	switch {
	case r.URL.Path == "/ws" && strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		echo(w)
	case r.URL.Path == "/slow":
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	case r.URL.Path == "/events":
		stream(w, r)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(s)
	}
}

// Requests gives everything received so far and forgets it.
func (a *App) Requests() []Seen {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := a.seen
	a.seen = nil
	return seen
}

// echo accepts any upgrade and sends every line back. It does not check the
// handshake: whether one arrives at all is what tests ask.
func echo(w http.ResponseWriter) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	rw.Flush()
	lines := bufio.NewScanner(rw)
	for lines.Scan() {
		if _, err := net.Conn(conn).Write(append(lines.Bytes(), '\n')); err != nil {
			return
		}
	}
}

func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		if _, err := io.WriteString(w, "data: tick\n\n"); err != nil {
			return
		}
		http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}
