// Package prefetch recognises requests that a browser makes before anybody
// asked for the page. They must not begin a login: nobody waits for its
// answer, and what it sets would surprise the person later.
package prefetch

import (
	"net/http"
	"strings"
)

// InAdvance tells whether a request's header says that it is made in advance, in
// the words of old and new browsers.
func InAdvance(h http.Header) bool {
	for _, name := range [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		for _, line := range h[name] {
			line = strings.ToLower(line)
			if strings.Contains(line, "prefetch") || strings.Contains(line, "prerender") || strings.Contains(line, "preview") {
				return true
			}
		}
	}
	return false
}
