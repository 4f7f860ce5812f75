package guard

import (
	"fmt"
	"strings"
)

// Public is a set of paths that need no login. The zero Public is empty.
type Public struct {
	exact    map[string]struct{}
	prefixes []string // decoded, each ends in a slash
}

// NewPublic reads patterns. A pattern is an exact path ("/healthz") or all
// paths below one ("/static/*", which does not include "/static" itself). They
// are compared with the decoded path, letter by letter and case-sensitively:
// what is public must be exactly what was written (PTH-03, PTH-04). There are
// no other wildcards and no regular expressions (PTH-09).
func NewPublic(patterns []string) (Public, error) {
	p := Public{exact: map[string]struct{}{}}
	for _, pattern := range patterns {
		if err := p.add(pattern); err != nil {
			return Public{}, fmt.Errorf("public path %q: %w", pattern, err)
		}
	}
	return p, nil
}

func (p *Public) add(pattern string) error {
	plain, below := strings.CutSuffix(pattern, "/*")
	if below {
		plain += "/"
	}
	switch {
	case !strings.HasPrefix(pattern, "/"):
		return fmt.Errorf("it must begin with a slash")
	case below && plain == "/":
		return fmt.Errorf("this would open the whole site; to guard a part of a site, give the directive a matcher")
	case strings.Contains(plain, "*"):
		return fmt.Errorf("'*' may only stand at the end, after a slash")
	case strings.ContainsAny(plain, "?#"):
		return fmt.Errorf("a path decides alone, without query and fragment")
	case strings.ContainsAny(plain, "{}"):
		return fmt.Errorf("placeholders are not possible here")
	}
	path := ReadPath(plain)
	switch {
	case path.Ambiguity != "":
		return fmt.Errorf("applications could read it in different ways (%s)", path.Ambiguity)
	case path.Reserved:
		return fmt.Errorf("%s* is reserved", ReservedPrefix)
	case strings.ContainsAny(path.Decoded, "?#*"):
		return fmt.Errorf("it must not hold an escaped '?', '#' or '*'")
	}
	if below {
		p.prefixes = append(p.prefixes, path.Decoded)
	} else {
		p.exact[path.Decoded] = struct{}{}
	}
	return nil
}

// Empty tells whether no path is public, so that no path decides here.
func (p Public) Empty() bool { return len(p.exact) == 0 && len(p.prefixes) == 0 }

// Match tells whether a path needs no login. An ambiguous or a reserved path
// is never public.
func (p Public) Match(path Path) bool {
	if path.Ambiguity != "" || path.Reserved || path.Decoded == "" {
		return false
	}
	if _, ok := p.exact[path.Decoded]; ok {
		return true
	}
	for _, prefix := range p.prefixes {
		if strings.HasPrefix(path.Decoded, prefix) {
			return true
		}
	}
	return false
}
