package e2e_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

const reloads = 50

// reloadable starts a Caddy with two sites, of which the first keeps its
// upgraded connections over a reload and the second does not: with our
// directives, or the same without them. Connections to the application that
// nobody uses are closed soon: Caddy keeps those of an old configuration, and
// with them the configuration itself, for two minutes.
func reloadable(t *testing.T, guarded bool) *house {
	t.Helper()
	h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
	h.auth, h.cookie = fmt.Sprintf("http://auth.localhost:%d", h.port), fmt.Sprintf("gatehouse-%d", h.port)
	h.site, h.wiki = fmt.Sprintf("http://app.localhost:%d", h.port), fmt.Sprintf("http://wiki.localhost:%d", h.port)
	global, portal, guard := "", "respond login", ""
	if guarded {
		global, portal, guard = fmt.Sprintf("gatehouse {\n\t\tissuer %s\n\t\tusers\n\t}", h.auth), "gatehouse_portal", "gatehouse"
	}
	h.Caddy = rig.Prepare(t, fmt.Sprintf(`{
	admin ADMIN
	persist_config off
	%[1]s
}
%[2]s {
	%[3]s
}
%[4]s {
	%[7]s
	reverse_proxy %[6]s {
		stream_close_delay 5m
		transport http {
			keepalive 500ms
		}
	}
}
%[5]s {
	%[7]s
	reverse_proxy %[6]s
}
`, global, h.auth, portal, h.site, h.wiki, h.app.Addr(), guard))
	if guarded {
		h.addUser("alice")
	}
	h.Start()
	return h
}

// CFG-03: 50 reloads under load, beside the same Caddy without us in the same
// run. They fail no request that would not fail there, end no session, no login
// that is half done and no WebSocket that lives on there, and leave nothing
// behind: neither goroutines nor memory nor files.
func TestReloads(t *testing.T) {
	h, bare := reloadable(t, true), reloadable(t, false)
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	b.Get(h.wiki + "/")
	cookie := h.cookie + "=" + b.Cookie(h.site, h.cookie)
	wiki := h.cookie + "=" + b.Cookie(h.wiki, h.cookie)
	before, beforeBare := warm(t, h, cookie), warm(t, bare, "")
	ours, theirs := gather(h, cookie), gather(bare, "")

	kept, keptBare := upgrade(t, h, h.site, cookie), upgrade(t, bare, bare.site, "")
	cut, cutBare := upgrade(t, h, h.wiki, wiki), upgrade(t, bare, bare.wiki, "")
	for i := range reloads {
		half := func() {}
		if i%10 == 0 {
			half = h.halfLogin(t, fmt.Sprintf("/half?done=%d", i))
		}
		for _, one := range []*house{h, bare} {
			if err := one.Reload(); err != nil {
				t.Fatalf("reload %d: %v", i, err)
			}
		}
		half()
	}
	if mine, plain := kept.echoes(), keptBare.echoes(); mine != nil || plain != nil {
		t.Errorf("a WebSocket with stream_close_delay: %v; without us: %v", mine, plain)
	}
	if mine, plain := cut.echoes(), cutBare.echoes(); (mine == nil) != (plain == nil) {
		t.Errorf("a WebSocket without stream_close_delay: %v; without us: %v", mine, plain)
	}
	for _, s := range []*socket{kept, keptBare, cut, cutBare} {
		s.Close()
	}
	ours.leave()
	theirs.leave()
	wantUser(t, b, b.Get(h.site+"/"), "alice")
	wantUser(t, b, b.Get(h.wiki+"/"), "alice")
	compareCrowds(t, ours, theirs)
	compareVitals(t, settled(t, h, before).minus(before), settled(t, bare, beforeBare).minus(beforeBare))
}

// halfLogin opens the login page; what it returns submits it.
func (h *house) halfLogin(t *testing.T, path string) func() {
	b := rig.NewBrowser(t)
	page := b.Get(h.site + path)
	return func() {
		t.Helper()
		p := b.Submit(page, map[string]string{"username": "alice", "password": password})
		if wantUser(t, b, p, "alice"); p.URL.RequestURI() != path {
			t.Errorf("the half-finished login came to %s", p.URL)
		}
	}
}

// compareCrowds holds our failures against those of plain Caddy. Connections
// break by chance where a reload meets a request, so as many as three standard
// deviations of a Poisson count are allowed on top, and a handful where plain
// Caddy had none.
func compareCrowds(t *testing.T, ours, theirs *crowd) {
	t.Helper()
	t.Logf("guarded: %v; bare: %v", ours, theirs)
	if n := ours.served.Load(); n < 100 || ours.refused.Load() > theirs.refused.Load() {
		t.Errorf("%d requests served, %d of them not with 200", n, ours.refused.Load())
	}
	expected := float64(theirs.broken.Load()*ours.served.Load()) / float64(max(1, theirs.served.Load()))
	if most := expected + 3*math.Sqrt(expected) + 5; float64(ours.broken.Load()) > most {
		t.Errorf("%d connections broke, %.0f may", ours.broken.Load(), most)
	}
}

// A bad new configuration leaves the old one serving (CFG-03).
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
