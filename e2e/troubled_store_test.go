package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// PRX-02, ERR-02, DOS-01: a store of sessions that panics, fails, hangs or falls
// silent while Caddy runs. Whoever it would have to be asked about is refused
// and never forwarded, on public paths too; whoever is known is served from
// memory, and no longer once the store has been silent for so long that a
// logout might have been missed. When the trouble is over everything works as
// before, in the same process.
func TestTroubledStore(t *testing.T) {
	for trouble, wait := range map[string]time.Duration{
		"panic":  6500 * time.Millisecond, // until the last use is written in the background
		"fail":   0,
		"slow":   0,
		"silent": 6 * time.Second, // as long as a feed may be silent, and a beat
	} {
		t.Run(trouble, func(t *testing.T) {
			t.Parallel()
			h := loginHost(t, "sessions faulty\n\t\tsession {\n\t\t\tidle_timeout 1m\n\t\t}", "public /pub/*")
			b, late := rig.NewBrowser(t), rig.NewBrowser(t)
			h.login(t, b, h.site+"/", "alice")
			ticket := walk(t, b, h.wiki+"/x", "gatehouse_ticket=")
			form := late.Get(h.site + "/late")
			time.Sleep(1100 * time.Millisecond) // a use so long after the first one is written
			b.Get(h.site + "/used")
			h.trouble(t, trouble)
			time.Sleep(wait)
			h.app.Requests()
			h.refuses(t, trouble, h.cookie+"="+b.Cookie(h.site, h.cookie), ticket)
			p := late.Submit(form, map[string]string{"username": "alice", "password": password}) // slow: the portal's own limit
			if p.Status < http.StatusInternalServerError || late.Cookie(h.site, h.cookie) != "" || len(h.app.Requests()) != 0 {
				t.Errorf("a login came to %s (%d)", p.URL, p.Status)
			}
			h.trouble(t, "")
			time.Sleep(time.Second)
			wantUser(t, b, b.Get(h.site+"/again"), "alice")
			wantUser(t, b, b.Get(h.wiki+"/again"), "alice")
			wantUser(t, b, h.login(t, rig.NewBrowser(t), h.site+"/anew", "alice"), "alice")
		})
	}
}

// refuses asks for everything at once that can be asked while the store has
// trouble.
func (h *house) refuses(t *testing.T, trouble, known, ticket string) {
	t.Helper()
	const refused = 0 // of our own: 500 or 503
	madeUp := h.cookie + "=" + strings.Repeat("A", 43)
	served := http.StatusOK
	if trouble == "silent" {
		served = refused
	}
	var arrive []string
	var wg sync.WaitGroup
	for _, q := range []struct {
		address, cookie string
		want            int
	}{
		{h.site + "/known", known, served},
		{h.site + "/pub/known", known, served},
		{h.site + "/pub/nobody", "", http.StatusOK},
		{h.site + "/nobody", "", http.StatusSeeOther},
		{h.site + "/stranger", madeUp, refused},
		{h.site + "/pub/stranger", madeUp, refused},
		{h.wiki + "/stranger", madeUp, refused},
		{h.auth + "/", madeUp, refused},
		{ticket, "", refused},
	} {
		if q.want == http.StatusOK {
			arrive = append(arrive, strings.TrimPrefix(q.address, h.site))
		}
		wg.Go(func() {
			resp := status(rig.NewBrowser(t), "GET", q.address, map[string]string{"Cookie": q.cookie, "Accept": "text/html"})
			got := resp.StatusCode
			if got == http.StatusInternalServerError || got == http.StatusServiceUnavailable {
				got = refused
			}
			if got != q.want {
				t.Errorf("%.60s: %d, want %d", q.address, resp.StatusCode, q.want)
			}
		})
	}
	wg.Wait()
	for _, seen := range h.app.Requests() {
		if !slices.Contains(arrive, seen.URI) {
			t.Errorf("%s arrived", seen.URI)
		}
		if user := seen.Header.Get("Remote-User"); strings.HasSuffix(seen.URI, "/known") != (user == "alice") {
			t.Errorf("%s arrived for %q", seen.URI, user)
		}
	}
}
