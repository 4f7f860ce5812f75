package client

import (
	"net/netip"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Rule is one alternative of Allow or Deny: all of its lines must hold. A line
// is a word and its values, any of which will do, as in the rules of a guarded
// site: {"group", "staff", "interns"}. What the words mean is the [Gate]'s.
type Rule [][]string

// Verdict tells whether a person may use a client. The zero Verdict refuses.
type Verdict uint8

// The verdicts.
const (
	// Refused: another login of the same person would not help.
	Refused Verdict = iota
	// NeedsLogin: the person may, once they have signed in anew.
	NeedsLogin
	// Admitted: the person may.
	Admitted
)

// Visitor is who wants to use a client.
type Visitor struct {
	// Session is the login in force. Nil: nobody is signed in.
	Session *identity.Session
	// From is the address of the person's browser, the zero Addr if it is
	// unknown.
	From netip.Addr
	// Away tells that the client comes by itself: there is no browser, and what
	// the rules say about addresses was held when there was one.
	Away bool
}

// Gate judges by a client's rules, as a guarded site does. What it can't judge
// it refuses.
type Gate func(*Client, Visitor) Verdict

// Restricted tells whether the client is not for everybody who can sign in.
func (c *Client) Restricted() bool { return len(c.Allow)+len(c.Deny) > 0 }

// Judge tells whether somebody may use the client. Without a gate nobody may
// use a client that has rules.
func (c *Client) Judge(gate Gate, v Visitor) Verdict {
	switch {
	case !c.Restricted():
		return Admitted
	case gate == nil || v.Session == nil || v.Session.User == nil:
		return Refused
	}
	return gate(c, v)
}

// LoginAge is the smallest age of a login that a rule demands or the client
// accepts, 0 if there is no limit. It is what a login page can aim at; whether
// a rule with an age has to be met is the [Gate]'s to say.
func (c *Client) LoginAge() time.Duration {
	limit := c.UserSSOLifetime
	for _, rule := range c.Allow {
		for _, line := range rule {
			if len(line) != 2 || line[0] != "max_auth_age" {
				continue
			}
			if d, err := time.ParseDuration(line[1]); err == nil && d > 0 && (limit == 0 || d < limit) {
				limit = d
			}
		}
	}
	return limit
}

// Bounds of what a client's rules say.
const (
	maxRules  = 100
	maxValues = 200
	maxValue  = 500
)

// checkRules holds the form of the rules; what they say is the [Gate]'s to
// check.
func (c *Client) checkRules(wrong func(string, ...any)) {
	check := func(word string, rules []Rule) {
		if len(rules) > maxRules {
			wrong("{"+word+"}: at most %d rules can be given", maxRules)
		}
		if slices.ContainsFunc(rules, malformed) {
			wrong("{"+word+"}: a rule needs lines of a word and at most %d values, each word once", maxValues)
		}
	}
	check("allow", c.Allow)
	check("deny", c.Deny)
}

func malformed(r Rule) bool {
	var seen []string
	for _, line := range r {
		if len(line) == 0 || len(line) > maxValues+1 || slices.Contains(seen, line[0]) ||
			slices.ContainsFunc(line, func(v string) bool { return v == "" || len(v) > maxValue }) {
			return true
		}
		seen = append(seen, line[0])
	}
	return len(r) == 0
}
