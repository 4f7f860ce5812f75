package guard

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Rule is one allow or deny line or block: all of its conditions must hold.
type Rule []Condition

// String writes the rule on one line.
func (r Rule) String() string {
	if len(r) == 1 {
		return r[0].String()
	}
	parts := make([]string, len(r))
	for i, c := range r {
		parts[i] = c.String()
	}
	return "{ " + strings.Join(parts, "; ") + " }"
}

// Policy is what one guard demands, as the configuration says it.
type Policy struct {
	// Allow are alternatives: one that holds is enough. None means that any
	// signed-in person may pass; one or more mean that nobody else may.
	Allow []Rule
	// Deny are alternatives as well, and win over everything, public paths
	// included.
	Deny []Rule
	// Public are the patterns of [NewPublic].
	Public []string
	// LoginMFA tells that a login here can check a second factor, LoginACR
	// which context classes one can reach. What no login can reach is
	// forbidden at once rather than asked for in circles.
	LoginMFA bool
	LoginACR []string
}

// Rules is a compiled [Policy]. It is immutable. The zero Rules lets nobody
// pass but signed-in persons.
type Rules struct {
	allow, deny []Rule
	public      Public
	loginMFA    bool
	loginACR    []string
}

// NewRules checks and compiles a policy. The errors say what to write instead.
func NewRules(p Policy) (*Rules, error) {
	public, err := NewPublic(p.Public)
	if err != nil {
		return nil, err
	}
	for _, rule := range p.Allow {
		if err := checkRule(rule); err != nil {
			return nil, fmt.Errorf("allow: %w", err)
		}
	}
	for _, rule := range p.Deny {
		if err := checkRule(rule); err != nil {
			return nil, fmt.Errorf("deny: %w", err)
		}
		if i := slices.IndexFunc(rule, Condition.howSignedIn); i >= 0 {
			// "deny max_auth_age 1h" would refuse those who just signed in.
			return nil, fmt.Errorf("deny: %s would refuse the stronger login; demand it in an allow block", rule[i])
		}
	}
	return &Rules{allow: p.Allow, deny: p.Deny, public: public, loginMFA: p.LoginMFA, loginACR: p.LoginACR}, nil
}

func checkRule(rule Rule) error {
	if len(rule) == 0 {
		return errors.New("a block needs a condition")
	}
	if slices.ContainsFunc(rule, func(c Condition) bool { return c.kind == 0 }) {
		return errors.New("a condition is empty")
	}
	return nil
}
