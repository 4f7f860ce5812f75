package endpoints

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// discovery is the openid-configuration, and RFC 8414's metadata with it.
func (s *Server) discovery(w http.ResponseWriter, r *http.Request) error {
	return publish(w, r, s.meta)
}

// jwks is the set of public keys (OpenID Connect Core, section 10.1.1).
func (s *Server) jwks(w http.ResponseWriter, r *http.Request) error {
	set, err := s.Keys.PublicSet(r.Context())
	if err != nil {
		return fault.At("endpoints.jwks", err)
	}
	return publish(w, r, set)
}

// publish writes public JSON. It may be cached for a minute: a rotation of keys
// by command takes effect at once, and nobody should look at the old set long.
func publish(w http.ResponseWriter, r *http.Request, body []byte) error {
	h := w.Header()
	answer.Public(h)
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=60")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(body)
	return err
}
