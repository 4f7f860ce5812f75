package authorize

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// Token is the token endpoint (RFC 6749, section 3.2; package token).
func (s *Server) Token(w http.ResponseWriter, r *http.Request) error {
	return s.byPost(w, r, s.tokens.Token)
}

// Revoke is the revocation endpoint (RFC 7009; package token).
func (s *Server) Revoke(w http.ResponseWriter, r *http.Request) error {
	return s.byPost(w, r, s.tokens.Revoke)
}

// Introspect is the introspection endpoint (RFC 7662; package token). No script
// in a browser has business with it.
func (s *Server) Introspect(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		answer.Guard(w.Header())
		return answer.Method(w, http.MethodPost)
	}
	return s.tokens.Introspect(w, r)
}

// byPost is an endpoint for POST, open to scripts.
func (s *Server) byPost(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter, *http.Request) error) error {
	if s.crossOrigin(w, r, http.MethodPost) {
		return nil
	}
	if r.Method != http.MethodPost {
		answer.Guard(w.Header())
		return answer.Method(w, http.MethodPost)
	}
	return serve(w, r)
}

// UserInfo is the userinfo endpoint (OpenID Connect Core, section 5.3; package
// token).
func (s *Server) UserInfo(w http.ResponseWriter, r *http.Request) error {
	if s.crossOrigin(w, r, http.MethodGet, http.MethodPost) {
		return nil
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		answer.Guard(w.Header())
		return answer.Method(w, http.MethodGet, http.MethodPost)
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
	if !s.allows(r.Context(), origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	wanted := r.Header.Get("Access-Control-Request-Method")
	if r.Method != http.MethodOptions || !slices.Contains(methods, wanted) {
		h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, DPoP-Nonce")
		return false
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// allows tells whether scripts of origin may read answers. If that can't be
// told they may not; everybody else gets an answer all the same.
func (s *Server) allows(ctx context.Context, origin string) bool {
	if origin == "" {
		return false
	}
	allowed, err := s.Clients.AllowsOrigin(ctx, origin)
	if err != nil && s.Report != nil {
		s.Report(ctx, fault.At("authorize.allows", err))
	}
	return err == nil && allowed
}
