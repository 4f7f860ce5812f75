package endpoints

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// crossOrigin lets scripts of registered clients read an answer, without
// credentials (WEB-09). It is true if it answered a preflight. Nothing depends
// on an origin here: tokens are in headers, which no browser adds by itself.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request, methods []string) bool {
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
	allowed, err := s.Origins.AllowsOrigin(ctx, origin)
	if err != nil && s.Report != nil {
		s.Report(ctx, fault.At("endpoints.allows", err))
	}
	return err == nil && allowed
}
