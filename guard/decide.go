package guard

import (
	"fmt"
	"slices"
)

// Verdict is what happens to a request. Verdicts are ordered by strictness,
// the strictest first; the zero Verdict refuses (PRX-02).
type Verdict uint8

// The verdicts.
const (
	// Forbid: refuse with 403; another login would not help.
	Forbid Verdict = iota
	// NeedLogin: nobody is signed in, and a login could help.
	NeedLogin
	// NeedFreshLogin: somebody is signed in and allowed but for how or when;
	// a new login of the same person can meet it.
	NeedFreshLogin
	// Pass: forward with the identity.
	Pass
	// PublicPass: forward without asking; with the identity if there is one.
	PublicPass
)

var verdictNames = [...]string{"forbid", "need login", "need fresh login", "pass", "public"}

// String names the verdict for logs.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// Decision is a verdict and why. The zero Decision refuses.
type Decision struct {
	Verdict Verdict
	// Reason is for the log: one of a few constant sentences.
	Reason string
	// Rule is the line that decided, nil if none did.
	Rule Rule
}

// The reasons of decisions.
const (
	ReasonDenied      = "a deny rule holds"
	ReasonPublic      = "public path"
	ReasonNobody      = "nobody is signed in"
	ReasonOutside     = "no allow rule can hold for this client"
	ReasonSignedIn    = "signed in"
	ReasonAllowed     = "an allow rule holds"
	ReasonNotAllowed  = "no allow rule holds"
	ReasonFreshLogin  = "an allow rule demands a newer or stronger login"
	ReasonUnreachable = "an allow rule demands what no login here can give"
)

// Decide judges a request by one set of rules. An ambiguous path is not judged
// here: refuse it before if a path decides (see [Path.Odd]); to this function
// it is merely not public.
func (r *Rules) Decide(f Facts) Decision {
	for _, rule := range r.deny {
		if rule.denies(&f) {
			return Decision{Forbid, ReasonDenied, rule}
		}
	}
	switch {
	case r.public.Match(f.Path):
		return Decision{PublicPass, ReasonPublic, nil}
	case f.Session == nil || f.Session.User == nil:
		return r.anonymous(&f)
	case len(r.allow) == 0:
		return Decision{Pass, ReasonSignedIn, nil}
	}
	for _, rule := range r.allow {
		if rule.holds(&f, false) == yes {
			return Decision{Pass, ReasonAllowed, rule}
		}
	}
	return r.almost(&f)
}

// denies tells whether a deny rule holds. What is not known of the connection
// counts against the client; what is not known of a person does not, since
// nobody is there to be denied.
func (r Rule) denies(f *Facts) bool {
	for _, c := range r {
		switch c.holds(f, true) {
		case no:
			return false
		case maybe:
			if c.kind != kindClientIP {
				return false
			}
		}
	}
	return true
}

// anonymous spares people a login after which they would be refused for where
// they are.
func (r *Rules) anonymous(f *Facts) Decision {
	possible := func(rule Rule) bool {
		for _, c := range rule {
			if c.kind == kindClientIP && c.holds(f, false) != yes {
				return false
			}
		}
		return true
	}
	if len(r.allow) == 0 || slices.ContainsFunc(r.allow, possible) {
		return Decision{NeedLogin, ReasonNobody, nil}
	}
	return Decision{Forbid, ReasonOutside, nil}
}

// almost looks for an allow rule that holds but for how the person signed in.
func (r *Rules) almost(f *Facts) Decision {
	refusal := Decision{Forbid, ReasonNotAllowed, nil}
	for _, rule := range r.allow {
		who, reachable := true, true
		for _, c := range rule {
			switch {
			case c.holds(f, false) == yes:
			case !c.howSignedIn():
				who = false
			default:
				reachable = reachable && r.reachable(c)
			}
		}
		switch {
		case who && reachable:
			return Decision{NeedFreshLogin, ReasonFreshLogin, rule}
		case who:
			refusal = Decision{Forbid, ReasonUnreachable, rule}
		}
	}
	return refusal
}

// reachable tells whether another login here could meet a condition.
func (r *Rules) reachable(c Condition) bool {
	switch c.kind {
	case kindMaxAuthAge:
		return true
	case kindMFA:
		return r.loginMFA
	case kindACR:
		return slices.ContainsFunc(c.values, func(v string) bool { return slices.Contains(r.loginACR, v) })
	}
	return false
}
