package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// DOS-01, DOS-02, DOS-03, DOS-04, DOS-05: floods of logins, of anonymous
// starts, of made-up cookies and tickets, and of bodies without end. The
// session of who is signed in goes on meanwhile, every answer within the browser's
// patience, and the login answers afterwards.
func TestFloods(t *testing.T) {
	h := loginHost(t, "throttle {\n\t\t\tattempts 100\n\t\t\taddress_attempts 100000\n\t\t}", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	junk := strings.Repeat("A", 43)
	page := b.Get(h.auth + "/login?switch=1")
	login := url.Values{"password": {strings.Repeat("x", 1000)}, "csrf_token": {between(page.Body, `name="csrf_token" value="`)}}
	form := cookieLike(t, b, h.auth, h.cookie+"-login")
	post := func(path, body string) func(int) *http.Request {
		return func(i int) *http.Request {
			req, _ := http.NewRequest("POST", h.auth+path, strings.NewReader(body+fmt.Sprintf("&username=u%d", i)))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.AddCookie(form)
			return req
		}
	}
	get := func(address, cookie string) func(int) *http.Request {
		return func(i int) *http.Request {
			req, _ := http.NewRequest("GET", strings.ReplaceAll(address, "NUMBER", fmt.Sprint(i)), nil)
			req.Header.Set("Accept", "text/html")
			if cookie != "" {
				req.Header.Set("Cookie", fmt.Sprintf("%s%06d", cookie, i))
			}
			return req
		}
	}
	for name, attack := range map[string]func(int) *http.Request{
		"logins":           post("/login", login.Encode()),
		"long passwords":   post("/login", "password="+strings.Repeat("x", 60<<10)),
		"large bodies":     post("/login", strings.Repeat("a=b&", 1<<18)),
		"tokens":           post("/token", "grant_type=authorization_code&code="+junk),
		"anonymous starts": get(h.site+"/NUMBER", ""),
		"made-up cookies":  get(h.site+"/", h.cookie+"="+junk[:37]),
		"made-up tickets":  get(h.site+"/?gatehouse_ticket="+junk[:37]+"NUMBER", ""),
		"odd headers": func(i int) *http.Request {
			r := get(h.site+"/", "")(i)
			r.Header.Set(strings.Repeat("-", 6000)+strings.Repeat("http", 1500)+"remote-user", "x")
			return r
		},
	} {
		var compared atomic.Int64
		stop, crowd := make(chan struct{}), sync.WaitGroup{}
		client := rig.NewBrowser(t).Client
		client.Jar = nil
		for worker := range 16 {
			crowd.Go(func() {
				for i := worker; ; i += 16 {
					select {
					case <-stop:
						return
					default:
					}
					resp, err := client.Do(attack(i))
					if err != nil {
						continue // refused early
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if name == "logins" && resp.StatusCode == http.StatusUnauthorized {
						compared.Add(1)
					}
					if resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable {
						t.Errorf("%s: %d", name, resp.StatusCode)
						return
					}
				}
			})
		}
		var took []time.Duration
		for range 30 {
			began := time.Now()
			wantUser(t, b, b.Get(h.site+"/still"), "alice")
			took = append(took, time.Since(began))
			time.Sleep(20 * time.Millisecond)
		}
		close(stop)
		crowd.Wait()
		if name == "logins" && compared.Load() == 0 {
			t.Error("no password was compared: this test floods nothing")
		}
		slices.Sort(took)
		t.Logf("%s: median %v, slowest %v", name, took[len(took)/2], took[len(took)-1])
		wantUser(t, b, h.login(t, rig.NewBrowser(t), h.site+"/", "alice"), "alice")
	}
}

// cookieLike gives a cookie whose name begins so.
func cookieLike(t *testing.T, b *rig.Browser, address, prefix string) *http.Cookie {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.Client.Jar.Cookies(u) {
		if strings.HasPrefix(c.Name, prefix) {
			return c
		}
	}
	t.Fatalf("no cookie %s…", prefix)
	return nil
}

// OAU-42: nobody registers a client, and discovery offers no place for it.
func TestNoRegistration(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	if p := b.Get(h.auth + "/.well-known/openid-configuration"); p.Status != http.StatusOK || strings.Contains(p.Body, "registration") {
		t.Errorf("%d: %s", p.Status, p.Body)
	}
	for _, path := range []string{"/register", "/registration", "/clients", "/connect/register", "/oauth/register", "/reg"} {
		req, err := http.NewRequest("POST", h.auth+path, strings.NewReader(`{"redirect_uris":["https://evil.example/cb"]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp := b.Do(req)
		if text := body(t, resp); resp.StatusCode != http.StatusNotFound || strings.Contains(text, "client_id") {
			t.Errorf("%s: %d %.200s", path, resp.StatusCode, text)
		}
	}
	p := b.Step(h.auth + "/authorize?client_id=https://evil.example/client.json&redirect_uri=https://evil.example/cb&response_type=code")
	if p.Header.Get("Location") != "" || p.Status < 400 || p.Status > 499 {
		t.Errorf("an unknown client: %d to %s", p.Status, p.Header.Get("Location"))
	}
}
