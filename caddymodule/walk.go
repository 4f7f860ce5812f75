package caddymodule

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// singlePrefix is where the pages are in single-site mode.
const singlePrefix = "/.gatehouse"

// pagePaths are paths below the issuer that must be reachable: one of each
// depth and kind.
var pagePaths = []string{"/login", "/login/name", "/callback/name", "/logout", "/setup", "/authorize"}

// portalPaths are those that the login host serves besides.
var portalPaths = append([]string{"/", "/token", "/par", "/userinfo", "/revoke", "/introspect", "/jwks", "/.well-known/openid-configuration"}, pagePaths...)

// survey is what a walk over the HTTP app found (CFG-04).
type survey struct {
	// Issuer is where pages and protocol are: the configured one, or in
	// single-site mode the one that follows from the site; empty if nothing
	// is guarded.
	Issuer string
	// Origins are those of every guarded site.
	Origins []string
	// Warnings are what is allowed and worth a loud word.
	Warnings []string
}

func siteError(name, format string, args ...any) error {
	return fmt.Errorf("site %s: %s", name, fmt.Sprintf(format, args...))
}

// check walks over all sites. issuer is the configured one; empty means
// single-site mode. certificates is the host for clients that show one, empty if
// there is none. Every error stops the load, and all are told at once.
func (t *topology) check(issuer, certificates string) (survey, error) {
	found := survey{Issuer: issuer}
	var wrong []error
	for _, s := range t.sites {
		if s.has("gatehouse_portal") || !s.guarded() {
			continue
		}
		origins, err := s.origins()
		wrong = append(wrong, err, s.checkErrors())
		found.Origins = append(found.Origins, origins...)
		found.Warnings = append(found.Warnings, s.unguarded()...)
	}
	slices.Sort(found.Origins)
	found.Origins = slices.Compact(found.Origins)
	if errors.Join(wrong...) == nil {
		if issuer == "" {
			wrong = append(wrong, t.checkSingle(&found))
		} else {
			wrong = append(wrong, t.checkPortals(issuer, certificates), checkJars(append(found.Origins, issuer)), notIssuer(found.Origins, issuer))
		}
	}
	return found, join(wrong)
}

// join is errors.Join on one line, which is how Caddy prints them.
func join(errs []error) error {
	var texts []string
	for _, err := range errs {
		if err != nil {
			texts = append(texts, err.Error())
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}

// checkSingle holds what single-site mode demands and sets the issuer.
func (t *topology) checkSingle(found *survey) error {
	const wayOut = "set `issuer https://auth.example.com` in the global gatehouse block and write a site auth.example.com { gatehouse_portal }"
	var guarded []*site
	for _, s := range t.sites {
		switch {
		case s.has("gatehouse_portal"):
			return siteError(s.name, "gatehouse_portal needs an issuer: write { gatehouse { issuer https://… } } with this site's origin at the top of the Caddyfile")
		case s.guarded():
			guarded = append(guarded, s)
		}
	}
	if len(guarded) == 0 {
		return nil
	}
	if len(found.Origins) != 1 {
		return fmt.Errorf("without an issuer, gatehouse protects exactly one site with one host, and there are %s: %s", strings.Join(found.Origins, ", "), wayOut)
	}
	found.Issuer = found.Origins[0] + singlePrefix
	for _, s := range guarded {
		for _, path := range pagePaths {
			if !s.reaches(singlePrefix+path, func(st step) bool { return st.guard != nil }) {
				return siteError(s.name, "the login's page %s%s does not reach gatehouse, because it stands inside a handle block or behind something that answers: write `gatehouse /path/*` outside of the block, or %s", singlePrefix, path, wayOut)
			}
		}
	}
	return nil
}

// checkJars refuses two https origins that differ by port only: cookies don't
// know ports (RFC 6265, section 8.5), so each login would end the other.
// Plain-http origins are told apart by the cookies' names.
func checkJars(origins []string) error {
	byHost := map[string]string{}
	for _, org := range origins {
		if !strings.HasPrefix(org, "https://") {
			continue
		}
		host := origin.Hostname(org)
		if other, ok := byHost[host]; ok && other != org {
			return fmt.Errorf("%s and %s differ by their port only and would overwrite each other's cookies: give one of them a host of its own", other, org)
		}
		byHost[host] = org
	}
	return nil
}

func notIssuer(origins []string, issuer string) error {
	if slices.ContainsFunc(origins, func(o string) bool { return origin.MatchHost(o, origin.Host(issuer)) }) {
		return fmt.Errorf("the issuer %s is also a guarded site: give the login a host of its own", issuer)
	}
	return nil
}
