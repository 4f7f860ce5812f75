package guard

import (
	"net/http"
	"slices"
)

// Foreign tells whether a request could act with somebody's session on behalf of
// another origin: an unsafe method or a WebSocket handshake that the browser says
// does not come from own, the origin the request is for. from is where it comes
// from, as the browser says; empty if it names no origin. With a session such a
// request is refused unless its origin is trusted, see [Trusts] (PRX-08):
// SameSite=Lax alone lets sibling sites and WebSockets through.
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

// Trusts tells whether an origin is among trusted, which are spelt as
// internal/origin writes them. Empty is none.
func Trusts(trusted []string, from string) bool {
	return from != "" && slices.ContainsFunc(trusted, func(org string) bool { return equalASCII(from, org) })
}
