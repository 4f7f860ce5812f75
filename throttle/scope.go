package throttle

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strings"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// scope is one counter with its limit and its lock.
type scope struct {
	name      string
	key, lock string
	limit     int
}

// scopes lists the three counters of an attempt. The pair comes first, so that
// what is refused for it touches neither the account nor the address.
func (t *Throttle) scopes(c Config, account string, addr netip.Addr) []scope {
	who, where := name(account), Network(addr)
	return []scope{
		newScope("pair", c.Attempts, who, where),
		newScope("address", c.AddressAttempts, where),
		newScope("account", c.AccountAttempts, who),
	}
}

// newScope names the counters by a hash: names of people stay out of the
// store's keys, and a key is never longer for a longer name.
func newScope(name string, limit int, parts ...string) scope {
	sum := sha256.Sum256([]byte(name + "\x00" + strings.Join(parts, "\x00")))
	id := base64.RawURLEncoding.EncodeToString(sum[:16])
	return scope{name: name, limit: limit, key: "throttle:" + id, lock: "lock:" + id}
}

// name is the canonical form of what was typed. What has none belongs to no
// account; it is counted as it is, so that it is answered like any other name
// that does not exist.
func name(account string) string {
	if canonical, err := identity.Canonical(account); err == nil {
		return canonical
	}
	sum := sha256.Sum256([]byte(account))
	return "\x01" + string(sum[:])
}

// Network names the network that counts as one address: for IPv6 a /64. The
// loopback is one like any other: behind a proxy in front of us everybody comes
// from it, and that is to be solved by trusting the proxy, not by trusting
// everybody. The zero Addr is "somewhere", one address for all of it.
func Network(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return "somewhere"
	}
	return p.String()
}
