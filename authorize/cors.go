package authorize

import (
	"net/http"
	"slices"
	"strings"
)

// Token is the token endpoint (RFC 6749, section 3.2; package token).
func (s *Server) Token(w http.ResponseWriter, r *http.Request) error {
	if s.crossOrigin(w, r, http.MethodPost) {
		return nil
	}
	if r.Method != http.MethodPost {
		guardAnswer(w.Header())
		return refuseMethod(w, http.MethodPost)
	}
	return s.tokens.Token(w, r)
}

// UserInfo is the userinfo endpoint (OpenID Connect Core, section 5.3; package
// token).
func (s *Server) UserInfo(w http.ResponseWriter, r *http.Request) error {
	if s.crossOrigin(w, r, http.MethodGet, http.MethodPost) {
		return nil
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		guardAnswer(w.Header())
		return refuseMethod(w, http.MethodGet, http.MethodPost)
	}
	return s.tokens.UserInfo(w, r)
}

// crossOrigin lets scripts of registered clients read an answer, without
// credentials (WEB-09). It is true if it answered a preflight. Nothing depends
// on an origin here: tokens are in headers, which no browser adds by itself.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if !s.cors[origin] {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	wanted := r.Header.Get("Access-Control-Request-Method")
	if r.Method != http.MethodOptions || !slices.Contains(methods, wanted) {
		h.Set("Access-Control-Expose-Headers", "WWW-Authenticate")
		return false
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
