package caddymodule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// certificatePaths are those that a host for clients with certificates serves.
var certificatePaths = []string{"/token", "/par", "/userinfo", "/revoke", "/introspect", "/device_authorization"}

// checkPortals makes sure that one site serves the issuer, and one the host for
// certificates, if there is one: each wholly and alone.
func (t *topology) checkPortals(issuer, certificates string) error {
	var logins, others []*site
	for _, s := range t.sites {
		switch {
		case !s.has("gatehouse_portal"):
		case certificates != "" && s.is(certificates, issuer):
			others = append(others, s)
		default:
			logins = append(logins, s)
		}
	}
	if len(logins) == 0 {
		return fmt.Errorf("no site serves the login pages of issuer %s: write a site %s { gatehouse_portal }", issuer, origin.Host(issuer))
	}
	var wrong []error
	for _, s := range logins {
		wrong = append(wrong, s.checkPortal(issuer))
	}
	if len(logins) > 1 {
		wrong = append(wrong, fmt.Errorf("gatehouse_portal stands in more than one site (%s and %s): the issuer %s is one host", logins[0].name, logins[1].name, issuer))
	}
	if certificates != "" {
		wrong = append(wrong, checkCertificates(others, certificates))
	}
	return join(wrong)
}

// is tells whether the site is the one at base, and not that at another.
func (s *site) is(base, other string) bool {
	return slices.Contains(s.derived, base) ||
		!slices.Contains(s.derived, other) && slices.ContainsFunc(s.hosts, func(h string) bool { return sameHost(base, h) && !sameHost(other, h) })
}

func (s *site) checkPortal(issuer string) error {
	if len(s.hosts) > 0 && s.vague == "" && !slices.ContainsFunc(s.hosts, func(h string) bool { return sameHost(issuer, h) }) {
		return siteError(s.name, "gatehouse_portal stands here, but the issuer is %s", issuer)
	}
	if s.tls && strings.HasPrefix(issuer, "http://") {
		return siteError(s.name, "the site is served with TLS, but the issuer is %s: write http:// before the site's address, or https:// in the issuer", issuer)
	}
	return s.checkAlone(portalPaths)
}

// checkAlone refuses a site in which something else is served, or where a path
// does not lead to us.
func (s *site) checkAlone(paths []string) error {
	for _, foreign := range []string{"gatehouse", "reverse_proxy", "file_server", "php_fastcgi"} {
		if s.has(foreign) {
			return siteError(s.name, "%s stands beside gatehouse_portal: what is served on the login's own host can read and drive its pages, so a login host serves nothing else", foreign)
		}
	}
	for _, path := range paths {
		if !s.reaches(path, func(st step) bool { return st.module == "gatehouse_portal" }) {
			return siteError(s.name, "%s does not reach gatehouse_portal: write it alone in its site, outside of any handle block that has a path", path)
		}
	}
	return nil
}

// checkCertificates looks at the site for clients that show a certificate, which
// must ask for one: discovery sends them there.
func checkCertificates(sites []*site, base string) error {
	const block = "{ tls { client_auth { mode request } } gatehouse_portal }"
	switch len(sites) {
	case 0:
		return fmt.Errorf("no site serves certificate_base %s: write a site %s %s", base, origin.Host(base), block)
	case 1:
	default:
		return fmt.Errorf("gatehouse_portal stands in more than one site (%s and %s): certificate_base %s is one host", sites[0].name, sites[1].name, base)
	}
	s := sites[0]
	if !s.asksCertificates(base) {
		return siteError(s.name, "it is certificate_base, and its TLS asks nobody for a certificate: write %s %s", origin.Host(base), block)
	}
	return s.checkAlone(certificatePaths)
}

// sameHost tells whether a site's written host is the issuer's, ports aside:
// they may differ behind another terminator.
func sameHost(issuer, host string) bool {
	return strings.EqualFold(strings.Trim(origin.Hostname(issuer), "[]"), strings.Trim(host, "[]"))
}
