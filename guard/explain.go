package guard

import (
	"fmt"
	"strings"
)

// Explain writes how [Rules.Decide] came to its decision, one line per rule
// and condition, for `caddy gatehouse doctor` and debug logs. It holds names
// of rules only, nothing of the person.
func (r *Rules) Explain(f Facts) string {
	var b strings.Builder
	write := func(word string, rules []Rule, deny bool) {
		for _, rule := range rules {
			fmt.Fprintf(&b, "%s %s: %s\n", word, rule, rule.outcome(&f, deny))
			if len(rule) < 2 {
				continue
			}
			for _, c := range rule {
				fmt.Fprintf(&b, "\t%s: %s\n", c, c.holds(&f, deny))
			}
		}
	}
	write("deny", r.deny, true)
	if f.Path.Ambiguity != "" {
		fmt.Fprintf(&b, "path: ambiguous (%s)\n", f.Path.Ambiguity)
	} else if !r.public.Empty() {
		fmt.Fprintf(&b, "public: %s\n", answerOf(r.public.Match(f.Path)))
	}
	write("allow", r.allow, false)
	d := r.Decide(f)
	fmt.Fprintf(&b, "%s: %s\n", d.Verdict, d.Reason)
	return b.String()
}

func (r Rule) outcome(f *Facts, deny bool) answer {
	if deny {
		return answerOf(r.denies(f))
	}
	return r.holds(f, false)
}

// String writes the answer for people.
func (a answer) String() string {
	switch a {
	case yes:
		return "holds"
	case maybe:
		return "not known"
	}
	return "does not hold"
}
