package caddymodule

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/keys"
)

// Keys are the keys that sign ID tokens and other tokens. Each algorithm has
// one that signs; others are listed for clients to check with, before and
// after. They rotate by themselves, and by `caddy gatehouse keys rotate`.
type Keys struct {
	// Algorithms are those that sign: "RS256", "ES256", "EdDSA" and "PS256".
	// Every client's must be among them. The keys of one that is taken out sign
	// no more, and stay listed for Keep.
	// Example: ["ES256"]. Default: all four.
	Algorithms []string `json:"algorithms,omitempty"`

	// Announce is how long a key is listed before it signs, at least an hour:
	// clients remember the keys that they know.
	// Example: "7d". Default: "14d".
	Announce caddy.Duration `json:"announce,omitempty"`

	// Use is how long a key signs, longer than Announce.
	// Example: "30d". Default: "90d".
	Use caddy.Duration `json:"use,omitempty"`

	// Keep is how long a key is listed after it has signed for the last time:
	// at least an hour, which no token outlives.
	// Example: "7d". Default: "14d".
	Keep caddy.Duration `json:"keep,omitempty"`
}

func (k *Keys) defaults() {
	if k.Algorithms == nil {
		k.Algorithms = client.Algs()
	}
	fallback(&k.Announce, caddy.Duration(keys.DefaultAnnounce))
	fallback(&k.Use, caddy.Duration(keys.DefaultUse))
	fallback(&k.Keep, caddy.Duration(keys.DefaultKeep))
}

// settings are what package keys calls these.
func (k Keys) settings() keys.Settings {
	return keys.Settings{
		Schedule: keys.Schedule{Announce: time.Duration(k.Announce), Use: time.Duration(k.Use), Keep: time.Duration(k.Keep)},
		Algs:     k.Algorithms,
	}
}

func (k Keys) check(p *problems) {
	k.defaults()
	if err := k.settings().Validate(); err != nil {
		p.add("keys", "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

// checkAlgorithms makes sure that there are keys for every client.
func (a *App) checkAlgorithms(p *problems) {
	for _, id := range slices.Sorted(maps.Keys(a.Clients)) {
		if c := a.Clients[id]; c != nil {
			p.check("client "+id, a.KeysFor(c.signed(id)))
		}
	}
}

// signed is the client as far as it matters for what is signed for it.
func (c *Client) signed(id string) *client.Client {
	built := c.settings(id)
	built.ApplyProfile()
	return built
}

// KeysFor tells which word of a client asks for an algorithm that no keys are
// kept for, nil if there is none. The App must have been checked.
func (a *App) KeysFor(c *client.Client) error {
	var wrong client.Problems
	for _, ask := range []struct{ word, alg, hint string }{
		{"id_token_alg", c.Alg(), defaulted(c.IDTokenAlg)},
		{"userinfo_alg", c.UserInfoAlg, ""},
	} {
		if ask.alg != "" && !slices.Contains(a.Keys.Algorithms, ask.alg) {
			wrong = append(wrong, client.NewProblem("{"+ask.word+"}: %s%s is not among the algorithms of keys: %s", ask.alg, ask.hint, strings.Join(a.Keys.Algorithms, ", ")))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

func defaulted(given string) string {
	if given == "" {
		return ", the default,"
	}
	return ""
}

// keySettings are the settings of the signing keys. Keys that take long to make
// are made early only if somebody is known to need them: a client of this
// configuration or, on a login host, one that is registered without a word
// about it. Nobody gets tokens from a single site.
func (a *App) keySettings() keys.Settings {
	s := a.Keys.settings()
	needed := map[string]bool{}
	if a.Issuer != "" {
		needed[new(client.Client).Alg()], needed[s.Algs[0]] = true, true
	}
	for id, c := range a.Clients {
		built := c.signed(id)
		needed[built.Alg()], needed[built.UserInfoAlg] = true, true
	}
	s.Early = slices.DeleteFunc(slices.Clone(s.Algs), func(alg string) bool { return keys.Slow(alg) && !needed[alg] })
	return s
}
