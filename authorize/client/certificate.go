package client

import (
	"crypto/x509"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Named tells whether cert bears the name that the client registered, compared
// exactly (RFC 8705, section 2.1.2). Whether the certificate may be believed
// is for the caller to know.
func (c *Client) Named(cert *x509.Certificate) bool {
	switch {
	case c.TLSSubjectDN != "":
		want, err := parseDN(c.TLSSubjectDN)
		got, ok := subject(cert)
		return err == nil && ok && want == got
	case c.TLSSANDNS != "":
		return slices.Contains(cert.DNSNames, c.TLSSANDNS)
	case c.TLSSANURI != "":
		return slices.ContainsFunc(cert.URIs, func(u *url.URL) bool { return u.String() == c.TLSSANURI })
	case c.TLSSANEmail != "":
		return slices.Contains(cert.EmailAddresses, c.TLSSANEmail)
	case c.TLSSANIP != "":
		want, err := netip.ParseAddr(c.TLSSANIP)
		for _, raw := range cert.IPAddresses {
			if got, ok := netip.AddrFromSlice(raw); ok && err == nil && got.Unmap() == want.Unmap() {
				return true
			}
		}
	}
	return false
}

// checkCertificateName holds that there is one name where one is needed, and
// that a certificate could bear it.
func (c *Client) checkCertificateName(wrong func(string, ...any)) {
	n := 0
	for _, name := range []string{c.TLSSubjectDN, c.TLSSANDNS, c.TLSSANURI, c.TLSSANIP, c.TLSSANEmail} {
		if name != "" {
			n++
		}
	}
	switch byName := c.AuthMethod() == AuthTLS; {
	case byName && n != 1:
		wrong("{auth_method} tls_client_auth: exactly one of {tls_subject_dn}, {tls_san_dns}, {tls_san_uri}, {tls_san_ip} and {tls_san_email} is needed")
	case !byName && n > 0:
		wrong("{tls_subject_dn}, {tls_san_dns}, {tls_san_uri}, {tls_san_ip}, {tls_san_email}: a certificate's name is for {auth_method} tls_client_auth only")
	}
	if c.TLSSubjectDN != "" {
		if _, err := parseDN(c.TLSSubjectDN); err != nil {
			wrong("{tls_subject_dn} %q: %v", shown(c.TLSSubjectDN), err)
		}
	}
	if c.TLSSANDNS != "" && (!plain(c.TLSSANDNS) || strings.ContainsAny(c.TLSSANDNS, "*/:")) {
		wrong("{tls_san_dns} %q: must be a host name without wildcard", shown(c.TLSSANDNS))
	}
	if u, err := url.Parse(c.TLSSANURI); c.TLSSANURI != "" && (err != nil || !u.IsAbs() || u.String() != c.TLSSANURI) {
		wrong("{tls_san_uri} %q: must be an absolute address", shown(c.TLSSANURI))
	}
	if addr, err := netip.ParseAddr(c.TLSSANIP); c.TLSSANIP != "" && (err != nil || addr.Zone() != "") {
		wrong("{tls_san_ip} %q: must be an IP address", shown(c.TLSSANIP))
	}
	if c.TLSSANEmail != "" && (!plain(c.TLSSANEmail) || strings.Count(c.TLSSANEmail, "@") != 1) {
		wrong("{tls_san_email} %q: must be a mail address", shown(c.TLSSANEmail))
	}
}
