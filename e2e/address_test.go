package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// claims are what a stranger may say about where they are: in each way in
// which proxies say it, as often as they like.
func claims(address string) map[string]string {
	return map[string]string{
		"X-Forwarded-For": address, "X-Real-Ip": address, "Forwarded": "for=" + address, "True-Client-Ip": address, "Cf-Connecting-Ip": address, "X-Client-Ip": address, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
	}
}

// guess tries a wrong password and gives the answer's status.
func guess(t *testing.T, h *house, user string, headers map[string]string) int {
	t.Helper()
	b := rig.NewBrowser(t)
	p := b.Get(h.auth + "/login")
	req, err := http.NewRequest("POST", h.auth+"/login", strings.NewReader("username="+user+"&password=wrong-password&csrf_token="+between(p.Body, `name="csrf_token" value="`)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp := b.Do(req)
	resp.Body.Close()
	return resp.StatusCode
}

// LGN-20, LGN-22, LGN-25, FWD-03: made-up addresses give no fresh attempts, an
// address that a trusted proxy vouches for does, and the attacked person's
// session goes on.
func TestForgedAddressesGiveNoAttempts(t *testing.T) {
	h := loginHost(t, "throttle {\n\t\t\tattempts 3\n\t\t}", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	refused := 0
	for i := range 8 {
		switch got := guess(t, h, "alice", claims(fmt.Sprintf("198.51.100.%d", i))); got {
		case http.StatusTooManyRequests:
			refused++
		case http.StatusUnauthorized, http.StatusOK, http.StatusUnprocessableEntity, http.StatusForbidden, http.StatusBadRequest:
		default:
			t.Errorf("guess %d: %d", i, got)
		}
	}
	if refused != 5 {
		t.Errorf("%d of 8 guesses with made-up addresses were refused, want 5", refused)
	}
	wantUser(t, b, b.Get(h.site+"/still"), "alice")
}

// FWD-03: with trusted_proxies the client is who the proxy says, read from the
// right: what the client wrote before it counts for nothing. PRX-06
func TestTrustedProxies(t *testing.T) {
	h := loginHost(t, "", "allow {\n\t\t\tclient_ip 203.0.113.7\n\t\t}")
	text := h.file("", "allow {\n\t\t\tclient_ip 203.0.113.7\n\t\t}")
	ask := func(forwarded string) int {
		b := rig.NewBrowser(t)
		return status(b, "GET", h.site+"/x", map[string]string{"Accept": "text/html", "X-Forwarded-For": forwarded}).StatusCode
	}
	if got := ask("203.0.113.7"); got != http.StatusForbidden {
		t.Errorf("a stranger's claim: %d", got)
	}
	h.Write(strings.Replace(text, "persist_config off", "persist_config off\n\tservers {\n\t\ttrusted_proxies static 127.0.0.1\n\t\ttrusted_proxies_strict\n\t}", 1))
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	for forwarded, want := range map[string]int{
		"203.0.113.7": http.StatusSeeOther, "192.0.2.1, 203.0.113.7": http.StatusSeeOther, "203.0.113.7, 192.0.2.1": http.StatusForbidden, "": http.StatusForbidden, "unknown": http.StatusForbidden,
		"203.0.113.7:80": http.StatusSeeOther, strings.Repeat("203.0.113.7, ", 300) + "192.0.2.1": http.StatusForbidden,
	} {
		if got := ask(forwarded); got != want {
			t.Errorf("X-Forwarded-For: %.60s: %d, want %d", forwarded, got, want)
		}
	}
}

// FWD-04: what a stranger says about the way they came does not reach the
// application, on a public path as little as with a session.
func TestForwardedHeadersOfStrangers(t *testing.T) {
	h := loginHost(t, "", "public /pub/*")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	for _, path := range []string{"/pub/x", "/private"} {
		h.app.Requests()
		status(b, "GET", h.site+path, claims("198.51.100.9"))
		seen := h.app.Requests()
		if len(seen) != 1 {
			t.Fatalf("%s: %d requests arrived", path, len(seen))
		}
		for name, want := range map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": strings.TrimPrefix(h.site, "http://"), "X-Forwarded-Proto": "http"} {
			if got := strings.Join(seen[0].Header[name], ","); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

// COO-01, SES-05, PRX-01: the session's cookie opens a site and nothing else
// does: no other place for its value, no other name, and no other credential.
func TestNothingButTheCookie(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	value, portal := b.Cookie(h.site, h.cookie), b.Cookie(h.auth, h.cookie)
	name := h.cookie
	h.app.Requests()
	for what, header := range map[string]map[string]string{
		"bearer": {"Authorization": "Bearer " + value}, "basic": {"Authorization": "Basic YWxpY2U6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"}, "header": {name: value}, "identity": {"Remote-User": "alice", "X-Auth-Request-User": "alice"},
		"binder's name": {"Cookie": name + "-binder=" + value}, "bare name": {"Cookie": "gatehouse=" + value}, "upper case": {"Cookie": strings.ToUpper(name) + "=" + value}, "encoded name": {"Cookie": "%67" + name[1:] + "=" + value},
		"nameless": {"Cookie": "=" + name + "=" + value}, "quoted": {"Cookie": name + `="` + value + `"`}, "doubled": {"Cookie": name + "=" + value + "; " + name + "=" + value}, "doubled, one empty": {"Cookie": name + "=; " + name + "=" + value}, "version": {"Cookie": "$Version=1; " + name + "=" + value + "; " + name + "=x"},
		"comma": {"Cookie": "a=b, " + name + "=" + value}, "space in name": {"Cookie": name + " =" + value}, "cut": {"Cookie": name + "=" + value[:42]}, "longer": {"Cookie": name + "=" + value + "A"}, "other case": {"Cookie": name + "=" + strings.ToLower(value)}, "padded": {"Cookie": name + "=" + value + "="},
		"Cookie2": {"Cookie2": name + "=" + value}, "the login host's": {"Cookie": name + "=" + portal}, "Set-Cookie": {"Set-Cookie": name + "=" + value},
	} {
		resp := status(rig.NewBrowser(t), "GET", h.site+"/x?"+name+"="+value+"&session="+value, header)
		if n := len(h.app.Requests()); n != 0 || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d, %d requests arrived", what, resp.StatusCode, n)
		}
	}
	if resp := status(rig.NewBrowser(t), "GET", h.site+"/x", map[string]string{"Cookie": name + "=" + value}); resp.StatusCode != http.StatusOK {
		t.Errorf("the cookie itself: %d", resp.StatusCode)
	}
}
