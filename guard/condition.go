package guard

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Condition is one demand on who asks, how they signed in, or from where.
// Within one Condition any of its values will do.
type Condition struct {
	kind   kind
	values []string
	age    time.Duration
	nets   []netip.Prefix
}

type kind uint8

const (
	kindUser kind = iota + 1
	kindGroup
	kindEmail
	kindDomain
	kindProvider
	kindMFA
	kindACR
	kindMaxAuthAge
	kindClientIP
)

// kindNames are the words of the configuration, in the order of the kinds.
var kindNames = [...]string{"", "user", "group", "email", "domain", "provider", "mfa", "acr", "max_auth_age", "client_ip"}

// shortestAuthAge keeps max_auth_age from demanding a login for every click.
const shortestAuthAge = 30 * time.Second

// ParseCondition reads one condition of the configuration: a word and its
// values.
//
//	user <names...>           canonical user names
//	group <names...>          groups as the application would see them
//	email <addresses...>      verified addresses, whole
//	domain <domains...>       domains of verified addresses, without subdomains
//	provider <names...>       where the person signed in; "local" is here
//	mfa                       more than one factor was checked
//	acr <values...>           authentication context class, exactly
//	max_auth_age <duration>   signed in no longer ago ("15m", "1d"; 30s or more)
//	client_ip <addresses...>  addresses, prefixes ("10.0.0.0/8"), private_ranges
func ParseCondition(word string, values ...string) (Condition, error) {
	i := slices.Index(kindNames[1:], word)
	if i < 0 {
		return Condition{}, fmt.Errorf("unknown condition %q; there are %s", word, strings.Join(kindNames[1:], ", "))
	}
	c := Condition{kind: kind(i + 1)}
	if err := c.fill(values); err != nil {
		return Condition{}, fmt.Errorf("condition %s: %w", word, err)
	}
	return c, nil
}

func (c *Condition) fill(values []string) (err error) {
	switch {
	case c.kind == kindMFA && len(values) > 0:
		return errors.New("it takes no value")
	case c.kind == kindMFA:
		return nil
	case len(values) == 0:
		return errors.New("a value is missing")
	case c.kind == kindMaxAuthAge && len(values) > 1:
		return errors.New("it takes one duration")
	case c.kind == kindMaxAuthAge:
		c.age, err = parseAge(values[0])
		return err
	}
	for _, v := range values {
		if err := c.addValue(v); err != nil {
			return err
		}
	}
	return nil
}

func (c *Condition) addValue(v string) error {
	if v == "" || strings.TrimSpace(v) != v {
		return fmt.Errorf("%q is empty or has white space around it", v)
	}
	switch c.kind {
	case kindUser:
		name, err := identity.Canonical(v) // a rule must mean who it seems to mean (LGN-05)
		if err != nil {
			return fmt.Errorf("%q can't be a user name: %w", v, err)
		}
		v = name
	case kindGroup:
		if err := identity.ValidGroup(v); err != nil {
			return fmt.Errorf("%q: %w", v, err)
		}
	case kindClientIP:
		nets, err := parseNets(v)
		if err != nil {
			return err
		}
		c.nets = append(c.nets, nets...)
	case kindEmail:
		if _, err := identity.ValidEmail(v); err != nil {
			return fmt.Errorf("%q is not an address such as alice@example.com; for all addresses of a domain write \"domain\"", v)
		}
	case kindDomain:
		if _, err := identity.ValidEmail("x@" + v); err != nil {
			return fmt.Errorf("%q is not a domain; write it plainly, as in example.com", v)
		}
	}
	c.values = append(c.values, v)
	return nil
}

func parseAge(text string) (time.Duration, error) {
	var age time.Duration
	var err error
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		if n < 0 || n > 36500 {
			err = strconv.ErrRange
		}
		age = time.Duration(n) * 24 * time.Hour
	} else {
		age, err = time.ParseDuration(text)
	}
	if err != nil || age < shortestAuthAge {
		return 0, fmt.Errorf("%q is not a duration of %s or more", text, shortestAuthAge)
	}
	return age, nil
}

// privateRanges are what Caddy's own matchers call private_ranges.
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("::1/128"),
}

func parseNets(text string) ([]netip.Prefix, error) {
	if text == "private_ranges" {
		return privateRanges, nil
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap().WithZone("")
		return []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}, nil
	}
	net, err := netip.ParsePrefix(text)
	if err != nil || net.Addr().Is4In6() {
		return nil, fmt.Errorf("%q is neither an IP address, nor a prefix such as 10.0.0.0/8, nor private_ranges", text)
	}
	if net.Masked() != net {
		return nil, fmt.Errorf("%q has bits behind its prefix; write %s", text, net.Masked())
	}
	return []netip.Prefix{net}, nil
}

// String writes the condition as the configuration does.
func (c Condition) String() string {
	switch c.kind {
	case 0:
		return "nothing"
	case kindMFA:
		return kindNames[c.kind]
	case kindMaxAuthAge:
		return kindNames[c.kind] + " " + c.age.String()
	}
	return kindNames[c.kind] + " " + strings.Join(c.values, " ")
}

// howSignedIn tells whether the condition is about the login rather than the
// person: the only ones that another login of the same person can meet.
func (c Condition) howSignedIn() bool {
	return c.kind == kindMFA || c.kind == kindACR || c.kind == kindMaxAuthAge
}
