package authorize_test

import (
	"fmt"
	"testing"
)

// classes is a house where the provider "work" alone gives logins a class.
func classes(cfg *parts) {
	cfg.Providers, cfg.ClassProviders = []string{"work", "home"}, []string{"work"}
}

const high = `{"id_token":{"acr":{"essential":true,"values":["high"]}}}`

// An essential acr leads to who can give it, and nowhere else: a login by other
// ways would be refused (OpenID Connect Core, section 5.5.1.1).
func TestClassIsToBeHadThere(t *testing.T) {
	w := newWorld(t, "", classes)
	for want, claims := range map[string]string{
		"[work] false [high]": high, "[] true []": `{"id_token":{"acr":{"values":["high"]}}}`,
	} {
		c, err := w.Context(t.Context(), "/authorize?"+request("claims", claims).Encode())
		if got := fmt.Sprint(c.Providers, c.Local, c.EssentialACR); err != nil || got != want {
			t.Errorf("%s: %s, %v", claims, got, err)
		}
	}
}

// One that nobody can give is refused before anybody signs in for nothing, also
// where it is pushed (MFA-10).
func TestClassIsNowhere(t *testing.T) {
	no := false
	w := newPushWorld(t, classes, func(cfg *parts) {
		static(cfg)["narrow"].Providers = []string{"home"}
		static(cfg)["work-only"].Local = &no
	})
	none := newPushWorld(t, func(cfg *parts) { cfg.ClassProviders = []string{} })
	for name, c := range map[string]struct {
		w      *world
		client string
		pairs  []string
		met    bool // it may be, after a login
	}{
		"nobody gives classes":             {none, "wiki", nil, false},
		"nobody, prompt=none":              {none, "wiki", []string{"prompt", "none"}, false},
		"a provider does":                  {w, "wiki", nil, true},
		"the client takes others":          {w, "narrow", nil, false},
		"the client takes it":              {w, "work-only", nil, true},
		"another provider is wished for":   {w, "wiki", []string{"acr_values", "idp:home"}, false},
		"a password is wished for":         {w, "wiki", []string{"acr_values", "idp:local"}, false},
		"an unknown provider is, in vain":  {w, "wiki", []string{"acr_values", "idp:elsewhere"}, true},
		"that very provider is wished for": {w, "wiki", []string{"acr_values", "idp:work"}, true},
	} {
		v := request(append([]string{"client_id", c.client, "scope", "openid", "claims", high}, c.pairs...)...)
		b := c.w.browser()
		for _, who := range []string{"nobody", "alice"} {
			if who != "nobody" {
				b.signIn(who, "local")
			}
			a := b.ask(v)
			_, login := a.atLogin(c.w)
			if login != c.met || (a.told() == "unmet_authentication_requirements") == c.met {
				t.Errorf("%s, %s: %d %v", name, who, a.StatusCode, a.to)
			}
		}
		if a := b.push(v); c.met != (a.StatusCode == 201) || !c.met && a.fields(t)["error"] != "unmet_authentication_requirements" {
			t.Errorf("%s, pushed: %d %s", name, a.StatusCode, a.body)
		}
	}
}
