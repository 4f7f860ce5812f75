package page

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// logo is a client's picture that passed the check: its address, and its
// origin for the policy. The zero logo shows nothing.
type logo struct{ url, origin string }

// maxLogo bounds an address that somebody else wrote.
const maxLogo = 2048

// plainHost is a host and port that can stand in a policy: nothing in it can
// end a directive or name a wildcard.
var plainHost = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[0-9]{1,5})?$`)

// logoOf takes plain https addresses only (WEB-02): everything else, data: and
// user info included, shows no picture.
func logoOf(raw string) logo {
	if raw == "" || len(raw) > maxLogo {
		return logo{}
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return logo{}
	}
	host := strings.ToLower(u.Host)
	if !plainHost.MatchString(host) {
		return logo{}
	}
	u.Host, u.Fragment, u.RawFragment = host, "", ""
	return logo{url: u.String(), origin: "https://" + host}
}

// policy is the Content-Security-Policy of a view (WEB-04, WEB-05). Chrome
// applies form-action to the whole chain of redirects after a POST, so a page
// whose answer may lead to a site or client can't have one. frames are the only
// origins that may be shown in frames.
func policy(l logo, leaves bool, frames []string) string {
	var b strings.Builder
	b.WriteString("default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'")
	if l.origin != "" {
		b.WriteString(" " + l.origin)
	}
	b.WriteString("; object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
	if !leaves {
		b.WriteString("; form-action 'self'")
	}
	if len(frames) > 0 {
		b.WriteString("; frame-src " + strings.Join(frames, " "))
	}
	return b.String()
}

// setHeaders sets what protects a page. Templates have no say in it (WEB-15).
func setHeaders(h http.Header, lang *catalogue, l logo, v View) {
	_, leaves := v.form()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy(l, leaves, framesOf(v)))
	h.Set("Referrer-Policy", referrerPolicy(v))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Language", lang.tag)
	addVary(h, "Accept-Language", "Cookie")
	// Nobody else's script reads a page (WEB-09), whatever ran before us.
	for _, name := range []string{
		"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials",
		"Content-Security-Policy-Report-Only", "ETag", "Last-Modified", "Expires",
	} {
		h.Del(name)
	}
}

// referrerPolicy says what the browser tells of the page's address (WEB-06).
// With no-referrer it would send "Origin: null" with a form, which the check of
// a form's origin takes for foreign. The address of the setup page holds the
// link's token, which style sheets, logs and, in single-site mode, the
// application have no business with: there it tells the origin and no more.
func referrerPolicy(v View) string {
	form, _ := v.form()
	_, setup := v.(Setup)
	switch {
	case form && setup:
		return "strict-origin"
	case form:
		return "same-origin"
	default:
		return "no-referrer"
	}
}

// framesOf gives the origins that a view shows in frames. What could end the
// directive is left out, though clients' addresses were checked when they were
// registered.
func framesOf(v View) []string {
	out, ok := v.(LoggedOut)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(out.FrameSources), func(s string) bool { return strings.ContainsAny(s, " ;,'*") })
}

func addVary(h http.Header, names ...string) {
	present := strings.ToLower(strings.Join(h.Values("Vary"), ","))
	for _, name := range names {
		if !strings.Contains(present, strings.ToLower(name)) {
			h.Add("Vary", name)
		}
	}
}
