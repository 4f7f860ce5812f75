package guard

import (
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/prefetch"
)

// Redirectable tells whether a request that nobody is signed in for can be
// sent to the login: a top-level navigation by GET or HEAD that a person waits
// for. Everything else is answered with 401 (PRX-04). The method is the one of
// the request line; headers and parameters that claim another are ignored
// (PRX-03).
func Redirectable(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if WebSocket(r) || prefetch.InAdvance(r.Header) {
		return false
	}
	if fetchMetadata(r.Header) {
		return single(r.Header["Sec-Fetch-Mode"]) == "navigate" && single(r.Header["Sec-Fetch-Dest"]) == "document"
	}
	// Old browsers and those that send no Sec-Fetch-* over plain http.
	return !equalASCII(single(r.Header["X-Requested-With"]), "XMLHttpRequest") && acceptsHTML(r.Header["Accept"])
}

// fetchMetadata tells whether a browser described the request (W3C Fetch
// Metadata Request Headers).
func fetchMetadata(h http.Header) bool {
	return h["Sec-Fetch-Mode"] != nil || h["Sec-Fetch-Dest"] != nil || h["Sec-Fetch-Site"] != nil || h["Sec-Fetch-User"] != nil
}

// acceptsHTML tells whether Accept names text/html; "*/*" names nothing (RFC
// 9110, section 12.5.1).
func acceptsHTML(lines []string) bool {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			media, params, _ := strings.Cut(item, ";")
			if equalASCII(strings.Trim(media, " \t"), "text/html") && !refusedWeight(params) {
				return true
			}
		}
	}
	return false
}

// refusedWeight tells whether parameters hold "q=0": not acceptable.
func refusedWeight(params string) bool {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.Trim(param, " \t"), "=")
		if equalASCII(name, "q") && value != "" && strings.Trim(value, "0.") == "" {
			return true
		}
	}
	return false
}

// single gives the one value of a header, "" if there are none or several.
func single(lines []string) string {
	if len(lines) != 1 {
		return ""
	}
	return lines[0]
}
