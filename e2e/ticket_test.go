package e2e_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// walk follows redirects from address until one leads to an address that
// contains stop, and returns that one without visiting it.
func walk(t *testing.T, b *rig.Browser, address, stop string) string {
	t.Helper()
	for range 10 {
		p := b.Step(address)
		location, err := p.URL.Parse(p.Header.Get("Location"))
		if err != nil || p.Header.Get("Location") == "" {
			t.Fatalf("%s: no redirect on the way to %q (%d)", address, stop, p.Status)
		}
		if address = location.String(); strings.Contains(address, stop) {
			return address
		}
	}
	t.Fatalf("never came to %q", stop)
	return ""
}

// The attacker starts a login at the site and has the victim's browser, which
// is signed in at the login host, go on with it: the ticket is bound to the
// attacker's browser and opens nothing in the victim's, and the attacker never
// gets it.
func TestAttackersStartInTheVictimsBrowser(t *testing.T) {
	h := loginHost(t, "", "")
	h.addUser("mallory")
	attacker, victim := rig.NewBrowser(t), rig.NewBrowser(t)
	h.login(t, victim, h.wiki+"/", "alice")
	start := walk(t, attacker, h.site+"/steal", "/authorize")
	ticket := walk(t, victim, start, "gatehouse_ticket=")
	h.app.Requests()
	resp := status(victim, "GET", ticket, map[string]string{"Accept": "text/html"})
	if victim.Cookie(h.site, h.cookie) != "" {
		t.Errorf("a foreign ticket made a session (%d)", resp.StatusCode)
	}
	if n := len(h.app.Requests()); n != 0 {
		t.Errorf("%d requests reached the application", n)
	}
	p := victim.Get(ticket) // the person still arrives, by a start of their own
	wantUser(t, victim, p, "alice")
}

// The attacker's ticket in the victim's browser does not sign the victim in as
// the attacker.
func TestAttackersTicketInTheVictimsBrowser(t *testing.T) {
	h := loginHost(t, "", "")
	h.addUser("mallory")
	attacker, victim := rig.NewBrowser(t), rig.NewBrowser(t)
	h.login(t, attacker, h.wiki+"/", "mallory")
	ticket := walk(t, attacker, h.site+"/x", "gatehouse_ticket=")
	p := victim.Get(ticket)
	if !strings.Contains(p.URL.Path, "/login") || victim.Cookie(h.site, h.cookie) != "" {
		t.Errorf("the victim came to %s", p.URL)
	}
	h.login(t, victim, h.site+"/", "alice")
	p = victim.Get(ticket) // signed in: the clean address, as oneself
	wantUser(t, victim, p, "alice")
	if strings.Contains(p.URL.String(), "ticket") {
		t.Errorf("the ticket stays in the address: %s", p.URL)
	}
}

// Ten tabs that start at once all arrive at their own page.
func TestTenTabs(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	starts := make([]string, 10)
	for i := range starts {
		starts[i] = walk(t, b, h.site+"/tab/"+string(rune('0'+i)), "/login")
	}
	p := b.Get(starts[0])
	wantUser(t, b, b.Submit(p, map[string]string{"username": "alice", "password": password}), "alice")
	for i, start := range starts[1:] {
		p := b.Get(start)
		wantUser(t, b, p, "alice")
		if want := "/tab/" + string(rune('1'+i)); p.URL.Path != want {
			t.Errorf("the tab for %s came to %s", want, p.URL)
		}
	}
}

// A ticket fetched twice, at once or later, makes one session and never an
// error page; the second answer leads to the clean address or a new start.
func TestTicketFetchedTwice(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.wiki+"/", "alice")
	ticket := walk(t, b, h.site+"/x?y=1", "gatehouse_ticket=")
	binder := b.Cookie(h.site, h.cookie+"-binder")
	var mu sync.Mutex
	var sessions int
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			resp := status(rig.NewBrowser(t), "GET", ticket, map[string]string{"Accept": "text/html", "Cookie": h.cookie + "-binder=" + binder})
			mu.Lock()
			defer mu.Unlock()
			if resp.StatusCode != http.StatusSeeOther {
				t.Errorf("status %d", resp.StatusCode)
			}
			for _, c := range resp.Cookies() {
				if c.Name == h.cookie && c.Value != "" {
					sessions++
				}
			}
			for header, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
				if got := resp.Header.Get(header); got != want {
					t.Errorf("%s is %q", header, got)
				}
			}
		})
	}
	wg.Wait()
	if sessions != 1 {
		t.Errorf("%d sessions from one ticket", sessions)
	}
	if p := b.Get(ticket); b.App(p).URI != "/x?y=1" {
		t.Errorf("came to %s", p.URL)
	}
}

// A prefetch, a frame and a fetch get no ticket and start no login.
func TestNoTicketWithoutNavigation(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.wiki+"/", "alice")
	start := walk(t, b, h.site+"/x", "/authorize")
	for name, header := range map[string]map[string]string{
		"prefetch": {"Sec-Purpose": "prefetch", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
		"frame":    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
		"fetch":    {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
		"image":    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
	} {
		for _, address := range []string{start, h.site + "/y"} {
			resp := status(b, "GET", address, header)
			if strings.Contains(resp.Header.Get("Location"), "ticket") || resp.StatusCode == http.StatusSeeOther {
				t.Errorf("%s of %.60s: %d to %.80s", name, address, resp.StatusCode, resp.Header.Get("Location"))
			}
		}
	}
	if resp := status(b, "HEAD", start, map[string]string{"Accept": "text/html"}); strings.Contains(resp.Header.Get("Location"), "ticket=") {
		t.Error("HEAD got a ticket")
	}
}

// A start whose state is changed, or said to be another site's, is refused on
// our page.
func TestForgedStart(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.wiki+"/", "alice")
	start := walk(t, b, h.site+"/x", "/authorize")
	for name, address := range map[string]string{
		"state changed": start[:len(start)-6] + "AAAAAA", "state cut": start[:len(start)-10], "state gone": strings.Split(start, "state=")[0],
		"another site": strings.Replace(start, "app.localhost", "wiki.localhost", 1), "twice": start + "&state=x",
	} {
		p := b.Step(address)
		if p.Status != http.StatusBadRequest || p.Header.Get("Location") != "" {
			t.Errorf("%s: %d to %q", name, p.Status, p.Header.Get("Location"))
		}
	}
}

// A browser that keeps no cookies gets a page that says so, not a loop.
func TestNoCookiesNoLoop(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.wiki+"/", "alice")
	ticket := walk(t, b, h.site+"/x", "gatehouse_ticket=")
	for range 5 {
		fresh := rig.NewBrowser(t) // forgets the site's cookies between two steps
		p := fresh.Step(ticket)
		if p.Status == http.StatusBadRequest || p.Status == http.StatusForbidden {
			if !strings.Contains(p.Body, "cookie") {
				t.Errorf("the page does not name the cookie: %.500s", p.Body)
			}
			return
		}
		ticket = walk(t, b, p.Header.Get("Location"), "gatehouse_ticket=")
	}
	t.Error("a loop without end")
}
