package caddymodule

import (
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// What the configuration says, in the words of the rooms. All of it was checked
// before.

func (s *Session) limits() session.Config {
	return session.Config{
		IdleTimeout: time.Duration(s.IdleTimeout),
		MaxAge:      time.Duration(s.MaxAge),
		Remember:    max(time.Duration(s.Remember), 0),
	}
}

func (t *Throttle) limits() throttle.Config {
	return throttle.Config{
		Attempts: t.Attempts, Window: time.Duration(t.Window), Lock: time.Duration(t.Lock),
		AccountAttempts: t.AccountAttempts, AddressAttempts: t.AddressAttempts,
	}
}

func (p *Password) params() account.Params {
	return account.Params{Memory: uint32(p.Memory), Time: uint32(p.Iterations), Threads: uint8(p.Parallelism)}
}

func (p *Pages) options(base string) page.Options {
	return page.Options{Base: base, Dir: p.Directory, Product: p.Product}
}

func (u *LocalUsers) declared() []account.Declared {
	var list []account.Declared
	for name, user := range u.Accounts {
		list = append(list, account.Declared{
			Username: name, Hash: user.PasswordHash, Name: user.Name, Email: user.Email,
			Groups: user.Groups, Admin: user.Admin,
		})
	}
	return list
}

// clients are the registered clients, of whose secrets only hashes are kept.
func (a *App) clients() (client.Static, error) {
	clients := make(client.Static, len(a.Clients))
	for id, c := range a.Clients {
		built, err := c.Build(id)
		if err != nil {
			return nil, fmt.Errorf("client %s: %w", id, err)
		}
		clients[id] = built
	}
	return clients, nil
}

// line is one line of a condition block.
type line struct {
	word   string
	values []string
}

// lines are the lines of a condition block that name values.
func (c Condition) lines() []line {
	return []line{
		{"user", c.Users},
		{"group", c.Groups},
		{"email", c.Emails},
		{"domain", c.Domains},
		{"provider", c.Providers},
		{"acr", c.ACR},
		{"client_ip", c.ClientIPs},
	}
}

// said is a condition block as a client keeps it.
func (c Condition) said() client.Rule {
	var rule client.Rule
	for _, l := range c.lines() {
		if len(l.values) > 0 {
			rule = append(rule, append([]string{l.word}, l.values...))
		}
	}
	if c.MFA {
		rule = append(rule, []string{"mfa"})
	}
	if c.MaxAuthAge != 0 {
		rule = append(rule, []string{"max_auth_age", time.Duration(c.MaxAuthAge).String()})
	}
	return rule
}

// rule is a condition block as package guard has it, checked there.
func (c Condition) rule() (guard.Rule, error) { return compiled(c.said()) }

// compiled is what a client keeps, as package guard has it, checked there.
func compiled(said client.Rule) (guard.Rule, error) {
	var rule guard.Rule
	for _, line := range said {
		if len(line) == 0 {
			return nil, errors.New("a line is empty")
		}
		condition, err := guard.ParseCondition(line[0], line[1:]...)
		if err != nil {
			return nil, err
		}
		rule = append(rule, condition)
	}
	return rule, nil
}

// rules are several blocks.
func rules(conditions []Condition) ([]guard.Rule, error) { return compiledAll(said(conditions)) }

// cookiePrefixes begin the names of all our cookies: those of other ports of
// the same host as well, since all share one jar.
func cookiePrefixes() []string { return []string{"__Host-Http-gatehouse", "gatehouse-"} }
