package token

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// UserInfo is the userinfo endpoint (OpenID Connect Core, section 5.3): GET or
// POST, the access token in the Authorization header and nowhere else (RFC
// 9700, section 4.3.2; OAU-36). The caller has checked the method.
func (s *Service) UserInfo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	token, no := bearer(w, r)
	if no != nil {
		return s.challenge(ctx, w, no)
	}
	access, session, no := s.access(ctx, token)
	if no != nil {
		return s.challenge(ctx, w, no)
	}
	claims := personal(session, access.Scopes)
	claims["sub"] = access.Subject
	return write(w, http.StatusOK, claims)
}

// bearer takes the token out of the header (RFC 6750, section 2.1).
func bearer(w http.ResponseWriter, r *http.Request) (string, *refusal) {
	if r.URL.Query().Has("access_token") {
		return "", refuse("invalid_request", "the token belongs in the Authorization header")
	}
	if r.Method == http.MethodPost && r.ContentLength != 0 && r.Header.Get("Content-Type") != "" {
		raw, err := form.Body(w, r)
		if e, ok := errors.AsType[*form.StatusError](err); ok && e.Status != http.StatusUnsupportedMediaType {
			return "", &refusal{Code: "invalid_request", Description: "the body can't be read", status: e.Status}
		}
		if p, _ := form.Parse(raw); p.Has("access_token") {
			return "", refuse("invalid_request", "the token belongs in the Authorization header")
		}
	}
	values := r.Header.Values("Authorization")
	if len(values) > 1 {
		return "", refuse("invalid_request", "more than one Authorization header")
	}
	if len(values) == 0 {
		return "", &refusal{status: http.StatusUnauthorized}
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", &refusal{status: http.StatusUnauthorized}
	}
	return strings.TrimLeft(token, " "), nil
}

// access finds the grant and the living login behind a token.
func (s *Service) access(ctx context.Context, token string) (grant.Access, *identity.Session, *refusal) {
	dead := &refusal{Code: "invalid_token", Description: "the token is unknown, expired or revoked", status: http.StatusUnauthorized}
	access, err := s.Grants.Access(ctx, token)
	switch {
	case fault.Is(err, fault.NotFound):
		return access, nil, dead
	case err != nil:
		return access, nil, failure(err)
	case !slices.Contains(access.Scopes, client.ScopeOpenID):
		return access, nil, &refusal{Code: "insufficient_scope", Description: "the scope openid is needed", status: http.StatusForbidden}
	case s.Clients[access.Client] == nil: // taken out of the configuration meanwhile
		return access, nil, dead
	}
	session, err := s.session(ctx, access.SID, access.Subject)
	switch {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied):
		return access, nil, dead
	case err != nil:
		return access, nil, failure(err)
	}
	return access, session, nil
}

// challenge writes r as RFC 6750, section 3, wants it. "If the request lacks
// any authentication information ... the resource server SHOULD NOT include an
// error code" (section 3.1).
func (s *Service) challenge(ctx context.Context, w http.ResponseWriter, r *refusal) error {
	value := `Bearer realm="gatehouse"`
	if r.Code != "" {
		s.report(ctx, r)
		value += `, error="` + r.Code + `", error_description="` + r.Description + `"`
	}
	if r.status < http.StatusInternalServerError {
		w.Header().Set("WWW-Authenticate", value)
	}
	if r.Code == "" {
		return write(w, r.status, map[string]string{"error": "invalid_token", "error_description": "an access token is needed"})
	}
	return write(w, r.status, r)
}
