package e2e_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// CFG-03: a reload that names another database while requests are running.
// What is in flight finishes in the old house, a WebSocket that Caddy keeps
// holds it open, and with the last of them its files are closed. The new one
// knows nobody from the old one, and nobody sees an error of ours.
func TestReloadMovesTheStore(t *testing.T) {
	h := loginHost(t, "store sqlite old/gatehouse.sqlite", "")
	move := func(to string) {
		proxy := "reverse_proxy " + h.app.Addr()
		h.Write(strings.ReplaceAll(h.file("store sqlite "+to+"/gatehouse.sqlite", ""), proxy, proxy+" {\n\t\tstream_close_delay 5m\n\t}"))
		if err := h.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	move("old")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	cookie := h.cookie + "=" + b.Cookie(h.site, h.cookie)
	socket := upgrade(t, h, h.site, cookie)
	crowd := gather(h, cookie)
	slow := make(chan *http.Response)
	go func() { slow <- status(rig.NewBrowser(t), "GET", h.site+"/slow", map[string]string{"Cookie": cookie}) }()
	h.arrives(t, "/slow")

	move("new")
	if resp := status(rig.NewBrowser(t), "GET", h.site+"/x", map[string]string{"Cookie": cookie}); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the new database knows a session of the old one: %d", resp.StatusCode)
	}
	if n := h.openBelow(t, "old"); n == 0 {
		t.Error("the old database is closed under a request in flight")
	}
	if resp := <-slow; resp.StatusCode != http.StatusOK {
		t.Errorf("the request in flight: %d", resp.StatusCode)
	}
	crowd.leave()
	t.Log(crowd)
	if crowd.failed.Load() > 0 || crowd.served.Load() < 100 {
		t.Errorf("the crowd: %v", crowd)
	}
	if err := socket.echoes(); err != nil {
		t.Errorf("the WebSocket: %v", err)
	}
	socket.Close()
	for until := time.Now().Add(5 * time.Second); h.openBelow(t, "old") > 0 && time.Now().Before(until); {
		time.Sleep(50 * time.Millisecond)
	}
	if n := h.openBelow(t, "old"); n > 0 {
		t.Errorf("%d files of the old database are still open", n)
	}
	if h.openBelow(t, "new") == 0 {
		t.Error("the new database is not open")
	}
	if fresh := rig.NewBrowser(t).Get(h.site + "/"); !strings.Contains(fresh.URL.Path, "/setup") && !strings.Contains(fresh.URL.Path, "/login") {
		t.Errorf("nobody signed in came to %s (%d)", fresh.URL, fresh.Status)
	}
}

// arrives waits until the application has seen a request for the path.
func (h *house) arrives(t *testing.T, path string) {
	t.Helper()
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		for _, seen := range h.app.Requests() {
			if seen.URI == path {
				return
			}
		}
	}
	t.Fatalf("%s never arrived", path)
}

// openBelow counts the files that Caddy has open in a directory of its own.
func (h *house) openBelow(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	for _, file := range openFiles(t, h.Pid()) {
		if strings.HasPrefix(file, filepath.Join(h.Dir, dir)+"/") {
			n++
		}
	}
	return n
}
