package caddymodule

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// ClientRule reads what stands behind allow or deny in a client block of the
// Caddyfile, with ";" for the ends of lines: `group "domain admins"; mfa`.
// There are no placeholders, and providers are the names that are known.
func ClientRule(word, text string, providers []string) (client.Rule, error) {
	if hasPlaceholder(text) || strings.ContainsAny(text, "{}\n\r`") {
		return nil, errors.New("braces and placeholders can't stand here")
	}
	lines := strings.Split(text, ";")
	for _, line := range lines {
		if strings.Count(line, `"`)%2 != 0 {
			return nil, errors.New("a quotation mark is missing, or there is a ; between two")
		}
	}
	tokens, err := caddyfile.Tokenize([]byte(word+" {\n"+strings.Join(lines, "\n")+"\n}"), "--"+word)
	if err != nil {
		return nil, err
	}
	var list []Condition
	d := caddyfile.NewDispenser(tokens)
	d.Next()
	if err := parseRule(&list)(d); err != nil {
		return nil, err
	}
	if d.Next() || len(list) != 1 {
		return nil, errors.New("this is not one rule")
	}
	for _, name := range list[0].Providers {
		if known := append(slices.Clone(providers), identity.Local); !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no provider '%s'%s", name, didYouMean(name, known))
		}
	}
	rule := list[0].said()
	_, err = ruleSet([]client.Rule{rule}, nil)
	return rule, err
}
