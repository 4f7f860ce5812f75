package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// canaries are what no log may hold, by what they are.
type canaries map[string]string

func (c canaries) check(t *testing.T, log string) {
	t.Helper()
	for what, secret := range c {
		if len(secret) < 6 {
			t.Errorf("no %s was seen", what)
			continue
		}
		if i := strings.Index(log, secret); i >= 0 {
			t.Errorf("the log holds the %s: …%.400s…", what, log[max(0, i-300):])
		}
	}
}

// between cuts what stands behind a mark, up to the next quote or &.
func between(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	if i := strings.IndexAny(rest, `&"' `); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// LOG-01, SES-18: a whole life (setup, login, mistyped passwords, tickets used, lost
// and stolen, an OIDC client, logout) leaves no secret in any log, with
// everything logged that Caddy can log but credentials, and in no file.
func TestLogsHoldNoSecrets(t *testing.T) {
	h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
	h.auth = fmt.Sprintf("http://auth.localhost:%d", h.port)
	h.site = fmt.Sprintf("http://app.localhost:%d", h.port)
	h.cookie = fmt.Sprintf("gatehouse-%d", h.port)
	h.Caddy = rig.Prepare(t, fmt.Sprintf(`{
	debug
	admin ADMIN
	persist_config off
	gatehouse {
		issuer %[1]s
		users
		client wiki {
			first_party
			secret 0123456789abcdefghijklmnopqrstuvwxyz
			redirect_uri http://localhost:9/callback
		}
	}
}
%[1]s {
	log
	gatehouse_portal
}
%[2]s {
	log
	gatehouse
	reverse_proxy %[3]s
	handle_errors {
		respond "mine {err.status_code}"
	}
}
`, h.auth, h.site, h.app.Addr()))
	secrets := canaries{"password": password, "client secret": "0123456789abcdefghijklmnopqrstuvwxyz"}
	link := strings.TrimSpace(lastLine(h.must("", "gatehouse", "setup")))
	secrets["setup token"] = between(link, "token=")
	h.Start()

	b := rig.NewBrowser(t)
	page := b.Get(link)
	secrets["form cookie"] = cookieLike(t, b, h.auth, h.cookie+"-login").Value
	for name := range strings.SplitSeq(page.Body, `href="/static/`) { // a browser says where it comes from
		if file, _, ok := strings.Cut(name, `"`); ok && !strings.Contains(file, "<") {
			status(b, "GET", h.auth+"/static/"+file, map[string]string{"Referer": link})
		}
	}
	b.Submit(page, map[string]string{"username": "alice", "password": password, "password_confirm": password})
	secrets["session cookie"] = b.Cookie(h.auth, h.cookie)

	for _, name := range []string{"stolen ticket", "used ticket"} {
		ticket := walk(t, b, h.site+"/x?y=1", "gatehouse_ticket=")
		secrets[name] = between(ticket, "gatehouse_ticket=")
		if name == "stolen ticket" {
			status(rig.NewBrowser(t), "GET", ticket, map[string]string{"Accept": "text/html"})
			status(b, "POST", ticket, nil)
			status(b, "GET", ticket, map[string]string{"Accept": "application/json"})
			continue
		}
		wantUser(t, b, b.Get(ticket), "alice")
		b.Get(ticket)
	}
	secrets["binder cookie"] = b.Cookie(h.site, h.cookie+"-binder")
	secrets["site's session cookie"] = b.Cookie(h.site, h.cookie)

	challenge := "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	code := b.Step(h.auth + "/authorize?" + url.Values{
		"client_id": {"wiki"}, "redirect_uri": {"http://localhost:9/callback"}, "response_type": {"code"}, "scope": {"openid"},
		"state": {"canary-state-1234"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}.Encode()).Header.Get("Location")
	secrets["code"] = between(code, "code=")
	secrets["client's state"] = "canary-state-1234"
	exchange := func(verifier string) string {
		req, _ := http.NewRequest("POST", h.auth+"/token", strings.NewReader(url.Values{
			"grant_type": {"authorization_code"}, "code": {secrets["code"]}, "redirect_uri": {"http://localhost:9/callback"}, "code_verifier": {verifier},
		}.Encode()))
		req.SetBasicAuth("wiki", secrets["client secret"])
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return body(t, b.Do(req))
	}
	tokens := exchange("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
	secrets["access token"], secrets["ID token"] = between(tokens, `"access_token":"`), between(tokens, `"id_token":"`)
	exchange("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") // a replay is worth a line in the log
	for _, auth := range []string{"Bearer " + secrets["access token"], "Bearer " + secrets["ID token"]} {
		status(b, "GET", h.auth+"/userinfo", map[string]string{"Authorization": auth})
	}
	status(b, "GET", h.auth+"/callback/work?code=canary-code-5678&state=canary-state-5678", map[string]string{"Accept": "text/html"})
	secrets["provider's code"], secrets["provider's state"] = "canary-code-5678", "canary-state-5678"

	wrong := rig.NewBrowser(t)
	p := wrong.Get(h.site + "/z")
	secrets["mistyped password"] = "canary-Tr0ub4dor"
	wrong.Submit(p, map[string]string{"username": "alice", "password": "canary-Tr0ub4dor"})
	b.Submit(b.Get(h.auth+"/logout"), nil)
	h.Stop()
	log := h.Log()
	for _, must := range []string{"http.log.access", `"level":"debug"`, "login.succeeded", "login.failed", "ticket.refused", `"logout"`} {
		if !strings.Contains(log, must) {
			t.Errorf("%q is not in the log: this test sees nothing", must)
		}
	}
	secrets.check(t, log)
	h.filesHoldNo(t, secrets, 2)
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// body reads an answer to its end.
func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
