package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// A person signs out on all devices: every session of theirs ends, nobody
// else's does, and clients of both sessions are told. What came of telling them
// is counted. SES-09, SES-11
func TestSignOutEverywhere(t *testing.T) {
	told, gone := rig.NewApp(t), rig.Ports(t, 1)[0]
	block := func(id, notice string) string {
		return fmt.Sprintf("client %s {\n\t\t\tfirst_party\n\t\t\tpublic\n\t\t\tredirect_uri %s/callback\n\t\t\tbackchannel_logout_uri %s\n\t\t}\n", id, told.URL, notice)
	}
	h := loginHost(t, "allow_private\n\t\tdisable introspect\n\t\t"+block("told", told.URL+"/out")+"\t\t"+block("deaf", fmt.Sprintf("http://127.0.0.1:%d/out", gone)), "")
	h.addUser("bob")
	one, two, other := rig.NewBrowser(t), rig.NewBrowser(t), rig.NewBrowser(t)
	h.login(t, one, h.site+"/", "alice")
	h.login(t, two, h.site+"/", "alice")
	h.login(t, other, h.site+"/", "bob")
	for _, visit := range []struct {
		b  *rig.Browser
		id string
	}{{one, "told"}, {two, "told"}, {two, "deaf"}} {
		p := visit.b.Get(h.auth + "/authorize?" + url.Values{
			"client_id": {visit.id}, "redirect_uri": {told.URL + "/callback"}, "response_type": {"code"}, "scope": {"openid"},
			"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
		}.Encode())
		if !p.URL.Query().Has("code") {
			t.Fatalf("%s: %s", visit.id, p.URL)
		}
	}
	told.Requests()
	if p := one.Submit(one.Get(h.auth+"/"), map[string]string{"action": "everywhere"}); !strings.Contains(p.URL.Path, "/logout") || p.Status != http.StatusOK {
		t.Fatalf("%d at %s", p.Status, p.URL)
	}
	for name, b := range map[string]*rig.Browser{"this": one, "the other": two} {
		if p := b.Get(h.site + "/"); !strings.Contains(p.URL.Path, "/login") {
			t.Errorf("%s browser is still signed in: %s", name, p.URL)
		}
	}
	if p := other.Get(h.site + "/"); p.URL.String() != h.site+"/" || p.Status != http.StatusOK {
		t.Errorf("bob is signed out: %s", p.URL)
	}
	notices := 0
	counted := func(result string, n int) string {
		return fmt.Sprintf("gatehouse_backchannel_logout_total{result=%q} %d\n", result, n)
	}
	var metrics string
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		out := func(s rig.Seen) bool { return s.URI != "/out" || s.Method != http.MethodPost }
		notices += len(slices.DeleteFunc(told.Requests(), out))
		if _, metrics = h.Admin("/metrics"); notices == 2 && strings.Contains(metrics, counted("delivered", 2)) && strings.Contains(metrics, counted("failed", 1)) {
			break
		}
	}
	if notices != 2 || !strings.Contains(metrics, counted("delivered", 2)) || !strings.Contains(metrics, counted("failed", 1)) || !strings.Contains(metrics, counted("gave_up", 0)) {
		t.Errorf("%d notices, and the counters say\n%s", notices, strings.Join(slices.DeleteFunc(strings.Split(metrics, "\n"), func(l string) bool { return !strings.Contains(l, "gatehouse") }), "\n"))
	}
	if !strings.Contains(h.Log(), "client not told of a logout yet") {
		t.Error("the failure is not in the log")
	}
	if err := h.Reload(); err != nil { // each configuration has its own counters
		t.Fatal(err)
	}
	if _, metrics := h.Admin("/metrics"); !strings.Contains(metrics, counted("delivered", 0)) {
		t.Error("no counters after a reload")
	}
	if p := one.Get(h.auth + "/introspect"); p.Status != http.StatusNotFound { // OAU-40
		t.Errorf("what is switched off answers %d", p.Status)
	}
}
