package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

const password = "correct horse battery"

// house is a Caddy with a login host and two guarded sites, or with one site
// alone, in front of one application.
type house struct {
	*rig.Caddy
	app              *rig.App
	port             int
	auth, site, wiki string // origins
	cookie           string // name of the session cookie
}

// loginHost starts a login host with two guarded sites. global goes into the
// gatehouse block, guard into the guard of the first site.
func loginHost(t *testing.T, global, guard string) *house {
	t.Helper()
	h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
	h.auth = fmt.Sprintf("http://auth.localhost:%d", h.port)
	h.site = fmt.Sprintf("http://app.localhost:%d", h.port)
	h.wiki = fmt.Sprintf("http://wiki.localhost:%d", h.port)
	h.cookie = fmt.Sprintf("gatehouse-%d", h.port)
	h.Caddy = rig.Prepare(t, h.file(global, guard))
	h.addUser("alice", "--name", "Alice A", "--email", "alice@example.com", "--group", "staff", "--group", "admins")
	h.Start()
	return h
}

// file is the Caddyfile of a login host.
func (h *house) file(global, guard string) string {
	return fmt.Sprintf(`{
	admin ADMIN
	persist_config off
	gatehouse {
		issuer %[1]s
		users
		%[5]s
	}
}
%[1]s {
	gatehouse_portal
}
%[2]s {
	log
	gatehouse {
		%[6]s
	}
	reverse_proxy %[4]s
}
%[3]s {
	gatehouse
	reverse_proxy %[4]s
}
`, h.auth, h.site, h.wiki, h.app.Addr(), global, guard)
}

// singleSite starts one site that has its login on its own host.
func singleSite(t *testing.T, guard string) *house {
	t.Helper()
	h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
	h.site = fmt.Sprintf("http://localhost:%d", h.port)
	h.auth = h.site + "/.gatehouse"
	h.cookie = fmt.Sprintf("gatehouse-%d", h.port)
	h.Caddy = rig.Prepare(t, fmt.Sprintf(`{
	admin ADMIN
	persist_config off
}
%s {
	gatehouse {
		%s
	}
	reverse_proxy %s
}
`, h.site, guard, h.app.Addr()))
	h.addUser("alice", "--name", "Alice A", "--email", "alice@example.com", "--group", "staff")
	h.Start()
	return h
}

// addUser makes an account by the command.
func (h *house) addUser(name string, more ...string) {
	args := append([]string{"gatehouse", "user", "add", name, "--password-stdin"}, more...)
	h.must(password+"\n", args...)
}

// must runs a command that has to succeed.
func (h *house) must(input string, args ...string) string {
	out, err := h.Run(input, args...)
	if err != nil {
		panic(fmt.Sprintf("caddy %s: %v\n%s", strings.Join(args, " "), err, out))
	}
	return out
}

// login opens address as nobody and signs in on the page that comes.
func (h *house) login(t *testing.T, b *rig.Browser, address, user string) *rig.Page {
	t.Helper()
	p := b.Get(address)
	if !strings.Contains(p.URL.Path, "/login") {
		t.Fatalf("%s led to %s (%d), not to the login: %.500s", address, p.URL, p.Status, p.Body)
	}
	return b.Submit(p, map[string]string{"username": user, "password": password})
}

// wantUser fails unless p is the application and it was told that user is there.
func wantUser(t *testing.T, b *rig.Browser, p *rig.Page, user string) rig.Seen {
	t.Helper()
	seen := b.App(p)
	if got := seen.Header["Remote-User"]; len(got) != 1 || got[0] != user {
		t.Fatalf("the application was told %q is there, want %q", got, user)
	}
	return seen
}

// status asks for an address without following redirects.
func status(b *rig.Browser, method, address string, header map[string]string) *http.Response {
	req, err := http.NewRequest(method, address, nil)
	if err != nil {
		panic(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp := b.Do(req)
	resp.Body.Close()
	return resp
}
