package login

import (
	"net/http"
	"slices"
	"strings"
)

// suffixes are those of a request's cookies that begin with prefix, in the
// order they were sent.
func (h *Handler) suffixes(r *http.Request, prefix string) []string {
	var list []string
	for _, c := range r.Cookies() {
		rest, ours := strings.CutPrefix(c.Name, h.Jar.CookieName(prefix))
		if suffix := prefix + rest; ours && !slices.Contains(list, suffix) {
			list = append(list, suffix)
		}
	}
	return list
}

// drop removes a cookie.
func (h *Handler) drop(w http.ResponseWriter, suffix string) {
	http.SetCookie(w, h.Jar.Cookie(suffix, "", -1))
}
