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
// A request with neither Origin nor Sec-Fetch-Site is not from a browser that
// could be misled, or from a form of an old one, which Lax covers.
func ForeignWrite(r *http.Request, own string, trusted []string) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		if !WebSocket(r) {
			return false
		}
	}
	if lines, ok := r.Header["Origin"]; ok {
		// "null" is no origin: sandboxed frames and redirect chains send it.
		from := single(lines)
		same := func(org string) bool { return equalASCII(from, org) }
		return from == "" || from == "null" || !same(own) && !slices.ContainsFunc(trusted, same)
	}
	site, ok := r.Header["Sec-Fetch-Site"]
	if !ok {
		return false
	}
	from := single(site)
	return from != "same-origin" && from != "none"
}
