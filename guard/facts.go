package guard

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Facts are all that rules may look at. They come from the server's own
// records and from the connection, never from cookies, parameters or headers
// (AUZ-03).
type Facts struct {
	// Session is the login in force, nil if nobody is signed in.
	Session *identity.Session
	// ClientIP is the client's address as Caddy's trusted_proxies determine it
	// (FWD-03). The zero Addr means unknown: no allow rule on addresses holds
	// then, and every deny rule on addresses does.
	ClientIP netip.Addr
	// Path is the original path, see [ReadPath].
	Path Path
	// Now is the time of the request.
	Now time.Time
}

// answer is what a condition says. It is ordered: a rule says what the
// smallest answer of its conditions says.
type answer uint8

const (
	no    answer = iota
	maybe        // a fact is missing
	yes
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// holds tests one condition. For deny rules an address counts also before it
// is verified, so that nobody escapes by leaving it unverified.
func (c Condition) holds(f *Facts, deny bool) answer {
	if c.kind == kindClientIP {
		return c.clientIP(f.ClientIP)
	}
	if f.Session == nil || f.Session.User == nil {
		return maybe
	}
	user, login := f.Session.User, &f.Session.Login
	switch c.kind {
	case kindUser:
		return c.any(user.Username)
	case kindGroup:
		return answerOf(slices.ContainsFunc(user.Groups, func(g string) bool { return slices.Contains(c.values, g) }))
	case kindEmail, kindDomain:
		return c.email(user, deny)
	case kindProvider:
		return c.any(login.IDP)
	case kindMFA:
		return answerOf(login.MultiFactor())
	case kindACR:
		return answerOf(login.ACR != "" && slices.Contains(c.values, login.ACR))
	case kindMaxAuthAge:
		// A login in the future is a broken clock, not a fresh login.
		age := f.Now.Sub(login.At)
		return answerOf(age <= c.age && age >= -time.Minute && !login.At.IsZero())
	}
	return no
}

func (c Condition) any(value string) answer {
	return answerOf(value != "" && slices.Contains(c.values, value))
}

func (c Condition) email(user *identity.User, deny bool) answer {
	if user.Email == "" || !user.EmailVerified && !deny {
		return no
	}
	got := user.Email
	if c.kind == kindDomain {
		got = got[strings.LastIndexByte(got, '@')+1:]
	}
	return answerOf(slices.ContainsFunc(c.values, func(v string) bool { return equalASCII(got, v) }))
}

func (c Condition) clientIP(addr netip.Addr) answer {
	if !addr.IsValid() {
		return maybe
	}
	addr = addr.Unmap().WithZone("")
	for _, net := range c.nets {
		if net.Contains(addr) {
			return yes
		}
	}
	return no
}

// holds tests all conditions of a rule.
func (r Rule) holds(f *Facts, deny bool) answer {
	result := yes
	for _, c := range r {
		result = min(result, c.holds(f, deny))
	}
	return result
}
