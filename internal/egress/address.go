package egress

import "net/netip"

// class says from where an address can be reached.
type class uint8

const (
	unusable class = iota // never a server: unspecified, link-local, multicast, reserved
	loopback
	private // this organisation's networks and those shared by a provider
	public
)

// privateNets are networks of an organisation beside those that
// netip.Addr.IsPrivate knows (RFC 1918, RFC 4193).
var privateNets = prefixes(
	"100.64.0.0/10", // carrier-grade NAT, RFC 6598; also overlay networks
)

// unusableNets hold no server that an operator could mean. Link-local
// addresses carry the metadata services of clouds, which is why not even
// AllowPrivate opens them. The translation prefixes embed IPv4 addresses that
// would have to be judged by a translator's rules that we don't know.
var unusableNets = prefixes(
	"0.0.0.0/8",       // this network, RFC 1122
	"192.0.0.0/24",    // protocol assignments, RFC 6890
	"192.0.2.0/24",    // documentation, RFC 5737
	"192.88.99.0/24",  // 6to4 relays, RFC 7526
	"198.18.0.0/15",   // benchmarks, RFC 2544
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"::/96",           // IPv4-compatible, RFC 4291 section 2.5.5.1
	"64:ff9b::/96",    // NAT64, RFC 6052
	"64:ff9b:1::/48",  // NAT64 of one network, RFC 8215
	"100::/64",        // discard, RFC 6666
	"2001::/23",       // Teredo and protocol assignments, RFC 2928
	"2001:db8::/32",   // documentation, RFC 3849
	"2002::/16",       // 6to4, RFC 3056
	"3fff::/20",       // documentation, RFC 9637
	"5f00::/16",       // segment routing, RFC 9602
	"fec0::/10",       // site-local, RFC 3879
)

// unicast6 is the part of IPv6 from which addresses of servers are given out (RFC
// 4291, section 2.4; IANA's registry of the address space). What is elsewhere is
// reserved, or stands for an IPv4 address by some translator's rule (RFC 2765).
var unicast6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// classOf judges an address by what it means to the kernel: an IPv4 address
// mapped into IPv6 is dialled as IPv4, so it is judged as IPv4.
func classOf(addr netip.Addr) class {
	addr = addr.Unmap().WithZone("")
	switch {
	case !addr.IsValid(), addr.IsUnspecified():
		return unusable
	case addr.IsLoopback():
		return loopback
	case addr.IsLinkLocalUnicast(), addr.IsMulticast(), within(addr, unusableNets):
		return unusable
	case addr.IsPrivate(), within(addr, privateNets):
		return private
	case addr.Is6() && !unicast6.Contains(addr):
		return unusable
	}
	return public
}

func within(addr netip.Addr, nets []netip.Prefix) bool {
	for _, net := range nets {
		if net.Contains(addr) {
			return true
		}
	}
	return false
}
