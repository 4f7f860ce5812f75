package metadata

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// name is what pages call the client. Nobody looked at it, so it must not look
// like what is known to be true on these pages: an address, or this provider.
func (d *Document) name(c *client.Client, t Terms) *Error {
	c.Name = d.ClientName
	switch {
	case !legible(c.Name, maxName):
		return wrong("client_name must be one line of at most 60 characters that can be seen")
	case isAddress(c.Name) && !slices.ContainsFunc(hosts(c), func(host string) bool { return below(host, letters(c.Name)) }):
		return wrong("client_name must not be an address that is not the client's own")
	case slices.ContainsFunc(t.House, func(name string) bool { return imitates(c.Name, name) }):
		return wrong("client_name must not be that of this provider")
	}
	return nil
}

// isAddress tells whether a name is, or holds, what people take for an address:
// a host with a dot in it, alone, or something with a scheme.
func isAddress(name string) bool {
	if strings.Contains(norm.NFKC.String(name), "://") {
		return true
	}
	name = letters(name)
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || strings.ContainsRune(name, ' ') {
		return false
	}
	end := name[dot+1:]
	_, err := netip.ParseAddr(name)
	return err == nil || len(end) > 1 && !strings.ContainsFunc(end, func(r rune) bool { return !unicode.IsLetter(r) })
}

// hosts are those that the client is known to be at.
func hosts(c *client.Client) []string {
	list := []string{c.Host()}
	for _, uri := range c.RedirectURIs {
		if u, err := url.Parse(uri); err == nil && !client.OnDevice(uri) {
			list = append(list, strings.ToLower(u.Hostname()))
		}
	}
	return list
}

// below tells whether host is domain or a host in it.
func below(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// imitates tells whether a name is another one, or has it in it if that is a
// host.
func imitates(name, other string) bool {
	name, other = letters(name), letters(other)
	return other != "" && (name == other || strings.Contains(other, ".") && strings.Contains(name, other))
}

// letters is a name as it is compared: without what differs in case or width
// alone, and without space around it.
func letters(name string) string {
	return strings.TrimSpace(strings.ToLower(norm.NFKC.String(name)))
}
