package session

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// Names of cookies on https and the start of the name on plain http. The
// prefix is `__Host-` for every browser (Secure, Path=/, no Domain); browsers
// that know `__Host-Http-` also refuse a copy that a script sets.
const (
	secureName   = "__Host-Http-gatehouse"
	loopbackName = "gatehouse-"
)

// Site is one origin as cookies see it. It is the only place that knows the
// names and attributes of our cookies. It never looks at a request's scheme or
// forwarded headers, so nobody outside can take Secure away (FWD-06).
type Site struct {
	origin string
	name   string
	secure bool
}

// NewSite accepts an origin in its one spelling, as package origin gives it.
// Plain http is accepted for loopback hosts only, because a cookie without
// Secure can be read and replaced on the way. Every refusal is fault.Invalid.
func NewSite(org string) (*Site, error) {
	spelt, err := origin.Parse(org)
	if err == nil && spelt != org {
		err = fmt.Errorf("%q is not in its one spelling, %s", org, spelt)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "session.NewSite", err)
	}
	if strings.HasPrefix(org, "https://") {
		return &Site{origin: org, name: secureName, secure: true}, nil
	}
	// All ports of a host share one jar, hence the port in the name.
	return &Site{origin: org, name: loopbackName + origin.Port(org)}, nil
}

// Origin returns the origin that the site was made with.
func (s *Site) Origin() string { return s.origin }

// CookieName returns the name of a cookie: the session's for "", another one
// of ours for its suffix ("binder").
func (s *Site) CookieName(suffix string) string {
	if suffix == "" {
		return s.name
	}
	return s.name + "-" + suffix
}

// Cookie makes a cookie with the attributes that all of ours have. maxAge is in
// seconds: 0 makes it last as long as the browser's session, below 0 deletes
// it. Browsers drop a cookie whose name and value exceed 4096 bytes.
func (s *Site) Cookie(suffix, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name:     s.CookieName(suffix),
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   s.secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}

// Value returns the value of one of our cookies, or "" unless the request
// carries exactly one cookie of exactly this name with a value that we could
// have set.
func (s *Site) Value(r *http.Request, suffix string) string {
	value := peek(r.Header["Cookie"], s.name, suffix)
	if !octets(value) {
		return ""
	}
	return value
}
