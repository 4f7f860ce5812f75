package guard

import (
	"net/http"
	"slices"
)

// ForeignWrite tells whether a request could act with somebody's session on
// behalf of another origin: an unsafe method or a WebSocket handshake that the
// browser says does not come from own, the origin the request is for, nor
// from one of trusted (origins as internal/origin writes them). With a session
// such a request is refused (PRX-08); SameSite=Lax alone lets sibling sites
// and WebSockets through.
//
// It is [Foreign] for whoever knows all of trusted at once.
func ForeignWrite(r *http.Request, own string, trusted []string) bool {
	from, foreign := Foreign(r, own)
	return foreign && !Trusts(trusted, from)
}

// Trusts tells whether an origin is among trusted. Empty is none.
func Trusts(trusted []string, from string) bool {
	return from != "" && slices.ContainsFunc(trusted, func(org string) bool { return equalASCII(from, org) })
}

// Foreign tells whether a request is such a one whatever is trusted, and from
// which origin, as the browser says; empty if it names none.
//
// A request with neither Origin nor Sec-Fetch-Site is not from a browser that
// could be misled, or from a form of an old one, which Lax covers.
func Foreign(r *http.Request, own string) (from string, foreign bool) {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		if !WebSocket(r) {
			return "", false
		}
	}
	if lines, ok := r.Header["Origin"]; ok {
		// "null" is no origin: sandboxed frames and redirect chains send it.
		if from = single(lines); from == "" || from == "null" {
			return "", true
		}
		return from, !equalASCII(from, own)
	}
	site, ok := r.Header["Sec-Fetch-Site"]
	if !ok {
		return "", false
	}
	said := single(site)
	return "", said != "same-origin" && said != "none"
}
