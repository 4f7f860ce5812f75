package caddymodule

import (
	"fmt"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/guard"
)

// said are condition blocks as a client keeps them.
func said(conditions []Condition) []client.Rule {
	var list []client.Rule
	for _, c := range conditions {
		list = append(list, c.said())
	}
	return list
}

// clientGate judges who may use a client, by the rules of guarded sites. They
// are compiled at each use: that costs microseconds, only where a client has
// some, and no client that is changed in the database meets its old ones.
func clientGate(now func() time.Time) client.Gate {
	return func(c *client.Client, v client.Visitor) (verdict client.Verdict) {
		defer func() {
			if recover() != nil {
				verdict = client.Refused
			}
		}()
		rules, err := clientRules(c, v.Away)
		if err != nil || v.Session == nil || v.Session.User == nil {
			return client.Refused
		}
		switch rules.Decide(guard.Facts{Session: v.Session, ClientIP: v.From, Now: now()}).Verdict {
		case guard.Pass:
			return client.Admitted
		case guard.NeedFreshLogin:
			return client.NeedsLogin
		default:
			return client.Refused
		}
	}
}

// clientRules compiles who may use a client. Where the person is away, what is
// said about addresses is left out, after it was checked like everything else.
func clientRules(c *client.Client, away bool) (*guard.Rules, error) {
	rules, err := ruleSet(c.Allow, c.Deny)
	if err != nil || !away {
		return rules, err
	}
	return ruleSet(anywhere(c.Allow), slices.DeleteFunc(slices.Clone(c.Deny), placed))
}

func ruleSet(allow, deny []client.Rule) (rules *guard.Rules, err error) {
	var policy guard.Policy
	if policy.Allow, err = compiledAll(allow); err != nil {
		return nil, fmt.Errorf("allow: %w", err)
	}
	if policy.Deny, err = compiledAll(deny); err != nil {
		return nil, fmt.Errorf("deny: %w", err)
	}
	return guard.NewRules(policy)
}

func compiledAll(said []client.Rule) (list []guard.Rule, err error) {
	for _, one := range said {
		rule, err := compiled(one)
		if err != nil {
			return nil, err
		}
		list = append(list, rule)
	}
	return list, nil
}

// aboutPlace tells whether a line is about where the person is.
func aboutPlace(line []string) bool { return len(line) > 0 && line[0] == "client_ip" }

func placed(r client.Rule) bool { return slices.ContainsFunc(r, aboutPlace) }

// anywhere gives rules without their lines about addresses. One that has no
// other holds for everybody, and so do all of them together then.
func anywhere(allow []client.Rule) []client.Rule {
	var list []client.Rule
	for _, rule := range allow {
		left := slices.DeleteFunc(slices.Clone(rule), aboutPlace)
		if len(left) == 0 {
			return nil
		}
		list = append(list, left)
	}
	return list
}
