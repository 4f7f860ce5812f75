package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// CFG-03: 50 reloads under load keep sessions and half-finished logins, and
// neither fail more requests nor leak more than the same Caddy without us.
func TestReloads(t *testing.T) {
	h := loginHost(t, "", "public /pub")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	half := rig.NewBrowser(t)
	page := half.Get(h.site + "/half?done=1")
	cookie := h.cookie + "=" + b.Cookie(h.site, h.cookie)
	socket := open(t, h, "/ws", cookie)

	bare := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
	bare.site = fmt.Sprintf("http://app.localhost:%d", bare.port)
	bare.Caddy = rig.Start(t, fmt.Sprintf("{\n\tadmin ADMIN\n\tpersist_config off\n}\n%s {\n\treverse_proxy %s\n}\n", bare.site, bare.app.Addr()))

	with, without := storm(t, h, cookie), storm(t, bare, "")
	t.Logf("guarded: %v; bare: %v", with, without)
	if with.served < 100 || with.refused > 0 {
		t.Errorf("%d requests served, %d of them not with 200", with.served, with.refused)
	}
	if with.broken > without.broken+with.served/50 {
		t.Errorf("%d connections broke, %d without us", with.broken, without.broken)
	}
	if with.leaked > without.leaked+20 {
		t.Errorf("%d files leaked, %d without us", with.leaked, without.leaked)
	}
	wantUser(t, b, b.Get(h.site+"/"), "alice")
	p := half.Submit(page, map[string]string{"username": "alice", "password": password})
	if wantUser(t, half, p, "alice"); p.URL.RequestURI() != "/half?done=1" {
		t.Errorf("the half-finished login came to %s", p.URL)
	}
	socket.Close()
}

// toll is what 50 reloads under load cost.
type toll struct {
	served, refused, broken int64
	leaked                  int
}

// storm reloads 50 times while four clients ask without a pause.
func storm(t *testing.T, h *house, cookie string) toll {
	t.Helper()
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	files := openFiles(t, h.Pid())
	stop := make(chan struct{})
	var served, refused, broken atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			client := &http.Client{Timeout: 10 * time.Second, Transport: new(http.Transport)}
			defer client.CloseIdleConnections()
			for {
				select {
				case <-stop:
					return
				default:
				}
				req, _ := http.NewRequest("GET", fmt.Sprintf("http://127.0.0.1:%d/load", h.port), nil)
				req.Host = strings.TrimPrefix(h.site, "http://")
				req.Header.Set("Cookie", cookie)
				resp, err := client.Do(req)
				if err != nil {
					broken.Add(1)
					continue
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				served.Add(1)
				if resp.StatusCode != 200 {
					refused.Add(1)
				}
			}
		})
	}
	for i := range 50 {
		if err := h.Reload(); err != nil {
			t.Errorf("reload %d: %v", i, err)
			break
		}
	}
	close(stop)
	wg.Wait()
	time.Sleep(time.Second)
	return toll{served.Load(), refused.Load(), broken.Load(), len(openFiles(t, h.Pid())) - len(files)}
}

// openFiles says what the process has open, by kind and path.
func openFiles(t *testing.T, pid int) []string {
	t.Helper()
	dir := filepath.Join("/proc", fmt.Sprint(pid), "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, e := range entries {
		to, _ := os.Readlink(filepath.Join(dir, e.Name()))
		open = append(open, to)
	}
	slices.Sort(open)
	return open
}

// A bad new configuration leaves the old one serving.
func TestBadReload(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	h.Write(strings.Replace(h.file("", ""), "issuer http", "isuer http", 1))
	if err := h.Reload(); err == nil || !strings.Contains(err.Error(), "issuer") {
		t.Errorf("the misspelt configuration: %v", err)
	}
	wantUser(t, b, b.Get(h.site+"/"), "alice")
}

// Sessions survive a restart; kill -9 loses no confirmed account.
func TestRestart(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	for i := range 3 {
		h.addUser(fmt.Sprintf("user%d", i))
		h.Kill()
		h.Start()
		wantUser(t, b, b.Get(h.site+"/"), "alice")
	}
	out := h.must("", "gatehouse", "user", "list", "--json")
	for i := range 3 {
		if !strings.Contains(out, fmt.Sprintf("user%d", i)) {
			t.Errorf("user%d is lost: %s", i, out)
		}
	}
}
