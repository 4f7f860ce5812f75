package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// parseRule reads
//
//	allow|deny <condition>
//	allow|deny { <condition>… }
//
// and appends one [Condition]. In a block, all conditions must be met.
func parseRule(to *[]Condition) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		word, begin := d.Val(), *d
		var c Condition
		if err := c.parse(d, word); err != nil {
			return err
		}
		if c.empty() {
			return begin.Errf("'%s' needs a condition: %s group admins, or %s { … }", word, word, word)
		}
		if word == "deny" {
			if err := c.mayDeny(); err != nil {
				return begin.WrapErr(err)
			}
		}
		*to = append(*to, c)
		return nil
	}
}

// parse reads one condition on the same line, or a block of them.
func (c *Condition) parse(d *caddyfile.Dispenser, where string) error {
	if d.NextArg() {
		return c.grammar().line(d, where, map[string]bool{})
	}
	return parseBlock(d, where, c.grammar())
}

// grammar lists the conditions:
//
//	user         <name>…
//	group        <group>…
//	email        <address>…
//	domain       <domain>…
//	provider     <provider>…
//	mfa
//	acr          <class>…
//	max_auth_age <duration>
//	client_ip    <address|range|private_ranges>…
//
// Each stands once in a block: several values on a line are alternatives, and
// a second line could be read as one more alternative or as one more demand.
func (c *Condition) grammar() grammar {
	return grammar{
		"user":         textsOnce(&c.Users, isCondition("user")),
		"group":        textsOnce(&c.Groups, isCondition("group")),
		"email":        textsOnce(&c.Emails, isCondition("email")),
		"domain":       textsOnce(&c.Domains, isCondition("domain")),
		"provider":     textsOnce(&c.Providers, isProviderOrLocal),
		"mfa":          flag(&c.MFA),
		"acr":          textsOnce(&c.ACR, isCondition("acr")),
		"max_auth_age": duration(&c.MaxAuthAge),
		"client_ip":    textsOnce(&c.ClientIPs, isCondition("client_ip")),
	}
}

// UnmarshalCaddyfile reads
//
//	@name gatehouse [<condition>]
//	@name gatehouse {
//		<condition>…
//	}
func (m *Matcher) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the matcher's name
	if err := m.parse(d, "gatehouse"); err != nil {
		return err
	}
	if err := lineEnds(d, "gatehouse"); err != nil {
		return err
	}
	if d.Next() {
		return d.Err("'gatehouse' is already given in this matcher: write all conditions in one block")
	}
	return nil
}
