package caddymodule_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/caddymodule"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// TestClientGate: a client's rules mean what those of a site do. What can't be
// read refuses; who comes without a browser is not judged by where they are.
func TestClientGate(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	gate := caddymodule.ClientGate(func() time.Time { return now })
	alice := &identity.Session{
		User:  &identity.User{Subject: "a", Username: "alice", Groups: []string{"staff", "domain admins"}, Email: "alice@example.com", EmailVerified: true},
		Login: identity.Login{IDP: "local", AMR: []string{"pwd"}, At: now.Add(-time.Hour)},
	}
	type rules = []client.Rule
	line := func(words ...string) client.Rule { return client.Rule{words} }
	inside, outside := netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("192.0.2.1")
	staffInside := client.Rule{{"group", "staff"}, {"client_ip", "10.0.0.0/8"}}
	for name, c := range map[string]struct {
		allow, deny rules
		from        netip.Addr
		here, away  client.Verdict
	}{
		"group":                    {allow: rules{line("group", "staff")}, here: client.Admitted, away: client.Admitted},
		"group with a space":       {allow: rules{line("group", "domain admins")}, here: client.Admitted, away: client.Admitted},
		"other group":              {allow: rules{line("group", "bosses")}},
		"one of two":               {allow: rules{line("group", "bosses"), line("user", "Alice")}, here: client.Admitted, away: client.Admitted},
		"one of two lines":         {allow: rules{{{"group", "staff"}, {"user", "bob"}}}},
		"domain":                   {allow: rules{line("domain", "EXAMPLE.com")}, here: client.Admitted, away: client.Admitted},
		"provider":                 {allow: rules{line("provider", "work")}},
		"mfa, which none can give": {allow: rules{line("mfa")}},
		"young enough":             {allow: rules{line("max_auth_age", "1h0m0s")}, here: client.Admitted, away: client.Admitted},
		"too old":                  {allow: rules{line("max_auth_age", "59m")}, here: client.NeedsLogin, away: client.NeedsLogin},
		"too old, and not them":    {allow: rules{{{"max_auth_age", "59m"}, {"user", "bob"}}}},
		"denied":                   {deny: rules{line("group", "staff")}},
		"denied and allowed":       {allow: rules{line("user", "alice")}, deny: rules{line("group", "staff")}},
		"others denied":            {deny: rules{line("group", "bosses")}, here: client.Admitted, away: client.Admitted},
		"inside":                   {allow: rules{staffInside}, from: inside, here: client.Admitted, away: client.Admitted},
		"outside":                  {allow: rules{staffInside}, from: outside, away: client.Admitted},
		"nowhere":                  {allow: rules{staffInside}, away: client.Admitted},
		"inside, not them":         {allow: rules{{{"user", "bob"}, {"client_ip", "10.0.0.0/8"}}}, from: inside},
		"place alone":              {allow: rules{line("client_ip", "10.0.0.0/8"), line("user", "bob")}, from: outside, away: client.Admitted},
		"denied inside":            {deny: rules{line("client_ip", "private_ranges")}, from: inside, away: client.Admitted},
		"denied nowhere":           {deny: rules{line("client_ip", "private_ranges")}, away: client.Admitted},
		"denied inside and user":   {deny: rules{line("client_ip", "private_ranges"), line("user", "alice")}, from: outside},
		"unknown word":             {allow: rules{line("shoe", "42"), line("user", "alice")}},
		"unknown word, denied":     {deny: rules{line("shoe", "42")}},
		"no value":                 {allow: rules{line("user"), line("user", "alice")}},
		"bad range":                {allow: rules{line("user", "alice")}, deny: rules{line("client_ip", "10.1.2.3/8")}, from: outside},
		"denied mfa":               {deny: rules{line("mfa")}},
		"an empty rule":            {allow: rules{{}}},
		"an empty line":            {allow: rules{{{}}}},
		"an empty rule, denied":    {deny: rules{nil}},
	} {
		one := &client.Client{Allow: c.allow, Deny: c.deny}
		if got := one.Judge(gate, client.Visitor{Session: alice, From: c.from}); got != c.here {
			t.Errorf("%s: %v, want %v", name, got, c.here)
		}
		if got := one.Judge(gate, client.Visitor{Session: alice, Away: true}); got != c.away {
			t.Errorf("%s, away: %v, want %v", name, got, c.away)
		}
		if got := gate(one, client.Visitor{From: c.from}); got != client.Refused {
			t.Errorf("%s: nobody: %v", name, got)
		}
	}
}

// Rules as the command reads them.
func TestClientRule(t *testing.T) {
	known := []string{"work"}
	for text, want := range map[string]client.Rule{
		"group staff":                               {{"group", "staff"}},
		`group staff "domain admins"; mfa`:          {{"group", "staff", "domain admins"}, {"mfa"}},
		"max_auth_age 1d;client_ip private_ranges;": {{"client_ip", "private_ranges"}, {"max_auth_age", "24h0m0s"}},
		"provider work local":                       {{"provider", "work", "local"}},
		"":                                          nil,
		";":                                         nil,
		"group":                                     nil,
		"mfa yes":                                   nil,
		"group a; group b":                          nil,
		"gruop staff":                               nil,
		"client_ip 10.1.2.3/8":                      nil,
		"provider wrok":                             nil,
		"group {env.HOME}":                          nil,
		"group a }\nallow user bob {":               nil,
		"group a }":                                 nil,
		`group "a;b"`:                               {{"group", "a;b"}},
		`group "#a" DOM\users`:                      {{"group", "#a", `DOM\users`}},
		`group DOM\; mfa`:                           nil, // would join the lines
		"group #staff":                              nil, // would be a comment
		`group "a`:                                  nil,
		"group `a":                                  nil,
		"group a <<X":                               nil,
		"max_auth_age 1s":                           nil,
	} {
		got, err := caddymodule.ClientRule("allow", text, known)
		if (err == nil) != (want != nil) || !reflect.DeepEqual(got, want) && want != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	if got, err := caddymodule.ClientRule("deny", "mfa", nil); err == nil {
		t.Errorf("deny mfa: %q", got)
	}
}

// FuzzClientRule: what can be read is a rule that can be kept and judged, and it
// is the same when it is shown and read again.
func FuzzClientRule(f *testing.F) {
	f.Add(`group staff "domain admins"; mfa`)
	f.Add("client_ip private_ranges;max_auth_age 1d")
	f.Add("group a <<X\nX")
	f.Add(`user alice # bob`)
	f.Add(`group DOM\users "a b" "say \"x\""; acr "#1"`)
	f.Add("group `a b\\`")
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := caddymodule.ClientRule("allow", text, []string{"work"})
		if err != nil {
			return
		}
		if len(rule) == 0 {
			t.Errorf("%q: nothing", text)
		}
		if again, err := caddymodule.ClientRule("allow", rule.String(), []string{"work"}); err != nil || !reflect.DeepEqual(again, rule) {
			t.Errorf("%q: %q, shown %q, read %q, %v", text, [][]string(rule), rule, [][]string(again), err)
		}
	})
}

// FuzzRuleAsInCaddyfile: a condition means the same in the command and in a
// Caddyfile.
func FuzzRuleAsInCaddyfile(f *testing.F) {
	for _, text := range []string{`group staff "domain admins"`, `group DOM\users`, "group `a b\\` x#y", `group "say \"x\""`, "group a\\ b", "group #a", "group <<A", `group \<a`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := client.ParseRule(text)
		if err != nil || len(lines) != 1 || strings.Contains(text, ";") {
			return
		}
		tokens, err := caddyfile.Tokenize([]byte("group "+text), "x")
		var words []string
		for _, token := range tokens {
			words = append(words, token.Text)
		}
		if err != nil || !reflect.DeepEqual(words[1:], lines[0]) {
			t.Errorf("%q: %q in a Caddyfile, %v; %q here", text, words[1:], err, lines[0])
		}
	})
}
