package authorize_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// Return addresses: ours to the letter, with a request we would answer.
func TestContextAccepts(t *testing.T) {
	for _, base := range []string{"", "/.gatehouse"} {
		w := newWorld(t, base)
		path := base + "/authorize"
		good := path + "?" + request().Encode()
		posted := path + "?" + strings.SplitN(w.browser().post("/authorize", request()).to.String(), "?", 2)[1]
		visit := path + "?" + w.visit(site, false).Encode()
		for _, address := range []string{good, posted, visit, good + "&foo=1&foo=2"} {
			c, err := w.Context(t.Context(), address)
			if err != nil || !strings.HasPrefix(c.ReturnURL, path+"?") || strings.Contains(c.ReturnURL, "foo=") { // RED-04, RED-05
				t.Errorf("%s: %+v, %v", address, c, err)
			}
		}
		for _, address := range []string{ // RED-01, RED-02: not ours, or not authorize
			"", "/", path, path + "/?" + request().Encode(), "/x" + good, "/x/.." + good, "/" + good, "\\" + good, "https://evil.example" + good, "//evil.example" + good,
			"/%2e" + good, strings.ToUpper(path) + "?" + request().Encode(), path + "/callback?" + request().Encode(), path + "#?" + request().Encode(),
			path + "x?" + request().Encode(), path + "%3f" + request().Encode(), " " + good, "\t" + good, w.issuer + "/authorize?" + request().Encode(),
		} {
			if c, err := w.Context(t.Context(), address); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %+v, %v", address, c, err)
			}
		}
		for _, address := range []string{ // RED-05 and all the checks
			path + "?", good + "#x", good + "\n", good + "&x=\x00", good + "\\", good + "&x=ü", good + "&client_id=wiki", good + ";", good + "%",
			path + "?" + request("client_id", "x").Encode(), path + "?" + request("redirect_uri", "https://evil.example/").Encode(),
			path + "?" + request("scope", "x").Encode(), path + "?gatehouse_post=x", posted + "&a=b", visit + "&prompt=none",
			path + "?" + request("id_token_hint", "x").Encode(), path + "?" + strings.Repeat("x", 70000),
			path + "?client_id=https%3A%2F%2Fevil.example&response_type=ticket&state=" + w.visit(site, false).Get("state"),
		} {
			if c, err := w.Context(t.Context(), address); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.200q: %+v, %v", address, c, err)
			}
		}
	}
}

// What the login page learns.
func TestContextTells(t *testing.T) {
	w := newWorld(t, "/.gatehouse", func(cfg *parts) { cfg.Providers = []string{"work", "home"} })
	see := func(v url.Values) authorize.Context {
		t.Helper()
		c, err := w.Context(t.Context(), "/.gatehouse/authorize?"+v.Encode())
		if err != nil {
			t.Fatal(err)
		}
		return *c
	}
	c := see(request("login_hint", "alice@example.com", "ui_locales", "de en", "acr_values", "idp:work tenant:blue urn:mfa"))
	if c.ClientID != "wiki" || c.ClientName != "The Wiki" || c.ClientLogo != "https://wiki.example.com/logo.png" || c.LoginHint != "alice@example.com" || c.UILocales != "de en" {
		t.Errorf("%+v", c)
	}
	if c.IDP != "work" || c.Tenant != "blue" || len(c.ACRValues) != 1 || c.ACRValues[0] != "urn:mfa" || c.Providers != nil || !c.Local || !c.Force || c.Fresh {
		t.Errorf("%+v", c)
	}
	if c := see(request()); c.Force || c.Fresh || c.MaxAge != nil || c.IDP != "" || !strings.HasPrefix(c.DenyURL, "/.gatehouse/authorize?gatehouse_deny=") {
		t.Errorf("plain: %+v", c)
	}
	if c := see(request("prompt", "login")); !c.Force || !c.Fresh {
		t.Errorf("prompt=login: %+v", c)
	}
	if c := see(request("max_age", "60")); !c.Force || c.Fresh || *c.MaxAge != time.Minute {
		t.Errorf("max_age: %+v", c)
	}
	if c := see(request("max_age", "0")); !c.Force || !c.Fresh {
		t.Errorf("max_age=0: %+v", c)
	}
	if c := see(request("client_id", "short", "max_age", "600")); !c.Force || *c.MaxAge != time.Minute {
		t.Errorf("user_sso_lifetime: %+v", c)
	}
	if c := see(request("client_id", "work-only", "acr_values", "idp:home")); c.IDP != "" || c.Local || len(c.Providers) != 1 || c.Providers[0] != "work" || !c.Force {
		t.Errorf("restricted: %+v", c)
	}
	if c := see(request("acr_values", "idp:unknown")); c.IDP != "" {
		t.Errorf("unknown provider: %+v", c)
	}
	if c := see(w.visit(site, true)); c.ClientID != site || c.ClientName != "app.example.com" || !c.Fresh || c.DenyURL != "/.gatehouse/" || !c.Local {
		t.Errorf("site: %+v", c)
	}
}
