package caddymodule

import (
	"errors"
	"fmt"
	"slices"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// ClientRule reads what stands behind allow or deny in a client block of the
// Caddyfile, on one line (see [client.ParseRule]): `group "domain admins"; mfa`.
// Providers are the names that are known.
func ClientRule(word, text string, providers []string) (client.Rule, error) {
	lines, err := client.ParseRule(text)
	if err != nil {
		return nil, err
	}
	var list []Condition
	d := caddyfile.NewDispenser(blockOf(word, lines))
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

// blockOf is a rule as a Caddyfile would hold it, in a block of its own.
func blockOf(word string, lines client.Rule) []caddyfile.Token {
	token := func(line int, text string) caddyfile.Token {
		return caddyfile.Token{File: "--" + word, Line: line, Text: text}
	}
	block := []caddyfile.Token{token(1, word), token(1, "{")}
	for i, words := range lines {
		for _, text := range words {
			block = append(block, token(i+2, text))
		}
	}
	return append(block, token(len(lines)+2, "}"))
}
