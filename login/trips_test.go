package login_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// trips are the cookies of round trips that the browser holds.
func (b *browser) trips() []*http.Cookie {
	at, _ := url.Parse(portal)
	var list []*http.Cookie
	for _, c := range b.client.Jar.Cookies(at) {
		if strings.HasPrefix(c.Name, b.world.site.CookieName("provider-")) {
			list = append(list, c)
		}
	}
	return list
}

// peers 2b 9, 10: ten tabs, each back to its own page; the cookies stay small;
// one more start drops the oldest, which is told so.
func TestProviderTabs(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	var backs []string
	for i := range 11 {
		w.advance(time.Second)
		backs = append(backs, b.away(b.get("/login/work?switch=1&return_url="+url.QueryEscape(app+"/"+strings.Repeat("x", i+1)))))
	}
	var total int
	for _, c := range b.trips() {
		if total += len(c.Value); len(c.Name)+len(c.Value) > 4096 { // COO-07
			t.Errorf("%s has %d bytes", c.Name, len(c.Value))
		}
	}
	if n := len(b.trips()); n != 10 || total > 12000 {
		t.Errorf("%d cookies of %d bytes", n, total)
	}
	for i := 10; i > 0; i-- {
		if a := b.get(backs[i]); a.to() != app+"/"+strings.Repeat("x", i+1) {
			t.Errorf("tab %d: %d to %q", i, a.StatusCode, a.to())
		}
	}
	if a := b.get(backs[0]); a.StatusCode != http.StatusBadRequest || b.get(a.link("/login")).to() != "/" {
		t.Errorf("oldest: %d", a.StatusCode)
	}
	if n := len(b.trips()); n > 0 {
		t.Errorf("%d cookies outlive their trips", n)
	}
}

// Tabs that start at the same instant, and finish at the same instant, don't
// overwrite each other's trips.
func TestProviderTabsAtOnce(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	starts, backs := make([]answer, 10), make([]string, 10)
	for i := range starts { // each as if it had been sent before the first was answered
		same := w.browser()
		starts[i] = same.get("/login/work?return_url=" + url.QueryEscape(app+"/"+strings.Repeat("x", i+1)))
	}
	at, _ := url.Parse(portal)
	for _, a := range starts {
		b.client.Jar.SetCookies(at, a.Cookies())
	}
	for i, a := range starts {
		backs[i] = b.away(a)
	}
	before := b.client.Jar.Cookies(at)
	for i, back := range backs {
		same := w.browser().through(idp)
		same.client.Jar.SetCookies(at, before)
		a := same.get(back)
		if a.to() != app+"/"+strings.Repeat("x", i+1) {
			t.Errorf("tab %d: %d to %q", i, a.StatusCode, a.to())
		}
		b.client.Jar.SetCookies(at, a.Cookies())
	}
	if n := len(b.trips()); n > 0 {
		t.Errorf("%d cookies outlive their trips", n)
	}
}

// COO-07, DOS-06: trips that nobody finished go once their return address is
// of no use, and long addresses push older ones out.
func TestTripsAreBounded(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	for range 3 {
		b.get("/login/work?return_url=" + url.QueryEscape(app+"/old"))
	}
	w.advance(2*time.Hour + time.Second)
	b.get("/login/work")
	if n := len(b.trips()); n != 1 {
		t.Errorf("%d cookies after two hours", n)
	}
	for range 8 {
		w.advance(time.Second)
		b.get("/login/work?return_url=" + url.QueryEscape(app+"/"+strings.Repeat("a", 2200)))
	}
	var total int
	for _, c := range b.trips() {
		total += len(c.Value)
	}
	if n := len(b.trips()); n < 2 || total > 12000 {
		t.Errorf("%d cookies of %d bytes", n, total)
	}
}

// A request may be long, with a request object or a long hint: the way back is
// not lost, and neither are its cookies left behind.
func TestLongTrips(t *testing.T) {
	w, idp := federated(t, true)
	for _, size := range []int{10, 2600, 2900, 3200, 5500, 5900, 8000} {
		b := w.browser().through(idp)
		to := app + "/" + strings.Repeat("x", size)
		short := b.away(b.get("/login/work?return_url=" + url.QueryEscape(app+"/short")))
		w.advance(time.Second)
		back := b.away(b.get("/login/work?return_url=" + url.QueryEscape(to)))
		for _, c := range b.trips() {
			if len(c.Name)+len(c.Value) > 4096 { // COO-07
				t.Errorf("%d: %s has %d bytes", size, c.Name, len(c.Value))
			}
		}
		if a := b.get(back); a.to() != to {
			t.Errorf("%d: %d to %.40q", size, a.StatusCode, a.to())
		}
		if a := b.get(short); a.StatusCode == http.StatusSeeOther && a.to() != app+"/short" {
			t.Errorf("%d: the other tab: %d to %q", size, a.StatusCode, a.to())
		}
		if n := len(b.trips()); n > 0 {
			t.Errorf("%d: %d cookies outlive their trips", size, n)
		}
	}
}

// A piece without the others, or of another trip, is no trip, and goes.
func TestPieces(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	back := b.away(b.get("/login/work?return_url=" + url.QueryEscape(app+"/"+strings.Repeat("x", 4000))))
	at, _ := url.Parse(portal)
	trips := b.trips()
	if len(trips) != 2 {
		t.Fatalf("%d pieces", len(trips))
	}
	for _, piece := range trips {
		alone := w.browser().through(idp)
		alone.client.Jar.SetCookies(at, []*http.Cookie{piece})
		if a := alone.get(back); a.StatusCode != http.StatusBadRequest || alone.who() != "" { // FED-01
			t.Errorf("%s alone: %d, %q", piece.Name, a.StatusCode, alone.who())
		}
		alone.get("/login/work")
		if slices.ContainsFunc(alone.trips(), func(c *http.Cookie) bool { return c.Name == piece.Name }) {
			t.Errorf("%s stays", piece.Name)
		}
	}
}

// CSR-04: login pages that were asked for at the same instant, before the
// browser had a cookie, are all good, in that browser alone.
func TestFormsAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	b := w.browser()
	at, _ := url.Parse(portal)
	var pages []answer
	for i := range 10 {
		page := w.browser().get("/login?return_url=" + url.QueryEscape(app+"/"+strings.Repeat("x", i+1)))
		b.client.Jar.SetCookies(at, page.Cookies())
		pages = append(pages, page)
	}
	for i, page := range pages {
		if a := b.post("/login", page.fill("username", "alice", "password", right)); a.to() != app+"/"+strings.Repeat("x", i+1) {
			t.Errorf("tab %d: %d to %q", i, a.StatusCode, a.to())
		}
	}
	stranger := w.browser()
	stranger.get("/login")
	if a := stranger.post("/login", pages[0].fill("username", "alice", "password", right)); a.StatusCode != http.StatusBadRequest || stranger.who() != "" {
		t.Errorf("another browser: %d", a.StatusCode)
	}
}
