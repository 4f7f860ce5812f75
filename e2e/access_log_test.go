package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// accessed is Caddy's own access log, as far as it matters here.
type accessed struct {
	Logger  string `json:"logger"`
	UserID  string `json:"user_id"`
	Request struct {
		URI     string              `json:"uri"`
		Headers map[string][]string `json:"headers"`
	} `json:"request"`
}

// accesses waits for the entry of each address and gives them by address.
func accesses(t *testing.T, h *house, addresses ...string) map[string]accessed {
	t.Helper()
	found := map[string]accessed{}
	for until := time.Now().Add(5 * time.Second); len(found) < len(addresses); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("the access log has only %v", found)
		}
		for line := range strings.Lines(h.Log()) {
			var a accessed
			if json.Unmarshal([]byte(line), &a) != nil || !strings.HasPrefix(a.Logger, "http.log.access") {
				continue
			}
			for _, address := range addresses {
				if a.Request.URI == address {
					found[address] = a
				}
			}
		}
	}
	return found
}

// LOG-03, SES-01: Caddy's access log says by user_id whose request it was: the
// subject of who is signed in, also on public paths, and nothing where nobody
// is or where somebody only claims to be, in a header or by a stale cookie.
func TestUserInTheAccessLog(t *testing.T) {
	h := loginHost(t, "", "public /pub/*")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	subject := b.App(b.Get(h.site + "/in")).Header["Remote-Sub"]
	b.Get(h.site + "/pub/in")
	nobody := rig.NewBrowser(t)
	claims := map[string]string{"Remote-User": "root", "Authorization": "Basic cm9vdDpyb290", "Cookie": h.cookie + "=" + strings.Repeat("A", 43)}
	status(nobody, "GET", h.site+"/out", claims)
	status(nobody, "GET", h.site+"/pub/out", claims)
	log := accesses(t, h, "/in", "/pub/in", "/out", "/pub/out")
	for _, address := range []string{"/in", "/pub/in"} {
		if got := log[address].UserID; len(subject) != 1 || got == "" || got != subject[0] {
			t.Errorf("%s: user_id is %q, want %q", address, got, subject)
		}
	}
	for _, address := range []string{"/out", "/pub/out"} {
		if got := log[address].UserID; got != "" {
			t.Errorf("%s: user_id is %q for nobody", address, got)
		}
	}
}
