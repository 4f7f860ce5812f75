package token

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// userinfoType is the typ header of signed answers: no such JWT passes for an
// ID token, although its claims are much the same (JWT-06).
const userinfoType = "userinfo+jwt"

// UserInfo is the userinfo endpoint (OpenID Connect Core, section 5.3): GET or
// POST, the access token in the Authorization header and nowhere else (RFC
// 9700, section 4.3.2; OAU-36). The caller has checked the method. The answer
// is JSON, or a JWT if the token's client wants one.
func (s *Service) UserInfo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	scheme, token, no := bearer(w, r)
	if no != nil {
		return s.challenge(ctx, w, scheme, no)
	}
	access, session, no := s.access(w, r, scheme, token)
	if no != nil {
		return s.challenge(ctx, w, scheme, no)
	}
	c := access.owner()
	body := s.Book.Of(c, session, access.Scopes, s.Book.Allowed(c, access.UserInfoClaims)...)
	body["sub"] = s.named(c, access.Authorization)
	if c.UserInfoAlg == "" {
		return answer.JSON(w, http.StatusOK, body)
	}
	// "If signed, the UserInfo Response MUST contain the Claims iss ... and
	// aud" (section 5.3.2).
	maps.Copy(body, map[string]any{"iss": s.Issuer, "aud": c.ID, "iat": s.Now().Unix()})
	signed, err := s.Signer.Sign(ctx, c.UserInfoAlg, userinfoType, body)
	if err != nil {
		return s.challenge(ctx, w, scheme, failure(err))
	}
	return answer.Bytes(w, http.StatusOK, "application/jwt", []byte(signed))
}

// The schemes of the Authorization header (RFC 6750, section 2.1; RFC 9449,
// section 7.1).
const (
	schemeBearer = "Bearer"
	schemeDPoP   = "DPoP"
)

// bearer takes scheme and token out of the header.
func bearer(w http.ResponseWriter, r *http.Request) (scheme, token string, no *refusal) {
	const misplaced = "the token belongs in the Authorization header"
	if r.URL.Query().Has("access_token") {
		return schemeBearer, "", refuse("invalid_request", misplaced)
	}
	if r.Method == http.MethodPost && r.ContentLength != 0 && r.Header.Get("Content-Type") != "" {
		raw, err := form.Body(w, r)
		if e, ok := errors.AsType[*form.StatusError](err); ok && e.Status != http.StatusUnsupportedMediaType {
			return schemeBearer, "", &refusal{Code: "invalid_request", Description: "the body can't be read", status: e.Status}
		}
		if p, _ := form.Parse(raw); p.Has("access_token") {
			return schemeBearer, "", refuse("invalid_request", misplaced)
		}
	}
	values := r.Header.Values("Authorization")
	if len(values) > 1 {
		return schemeBearer, "", refuse("invalid_request", "more than one Authorization header")
	}
	if len(values) == 1 {
		scheme, token, _ = strings.Cut(values[0], " ")
		for _, known := range []string{schemeBearer, schemeDPoP} {
			if strings.EqualFold(scheme, known) {
				return known, strings.TrimLeft(token, " "), nil
			}
		}
	}
	return schemeBearer, "", &refusal{status: http.StatusUnauthorized}
}

// invalidToken is the answer to an access token that is worth nothing here.
func invalidToken(description string) *refusal {
	return &refusal{Code: "invalid_token", Description: description, status: http.StatusUnauthorized}
}

// access finds what an access token that is meant for this endpoint stands for,
// and the living login behind it, if who may use the token sent it.
func (s *Service) access(w http.ResponseWriter, r *http.Request, scheme, token string) (held, *identity.Session, *refusal) {
	ctx := r.Context()
	const dead = "the token is unknown, expired or revoked"
	access, err := s.open(ctx, token)
	switch {
	case fault.Is(err, fault.NotFound):
		return held{}, nil, invalidToken(dead)
	case err != nil:
		return held{}, nil, failure(err)
	case !slices.Contains(access.Scopes, client.ScopeOpenID):
		return held{}, nil, &refusal{Code: "insufficient_scope", Description: "the scope openid is needed", status: http.StatusForbidden}
	case !slices.Contains(access.Audience, s.userinfo()):
		return held{}, nil, invalidToken("the token is meant for another resource") // OAU-25
	}
	if no := s.possession(w, r, access.owner(), scheme, token, access.Binding); no != nil {
		return held{}, nil, no
	}
	session, err := s.behind(ctx, access.Authorization, access.clients...)
	switch {
	case over(err) || err == nil && session == nil:
		return held{}, nil, invalidToken(dead)
	case err != nil:
		return held{}, nil, failure(err)
	}
	s.use(ctx, access.owner(), access.Authorization)
	return access, session, nil
}

// possession checks that the sender of a bound token has the key, and that no
// other token comes as if it were bound (RFC 9449, section 7.2).
func (s *Service) possession(w http.ResponseWriter, r *http.Request, c *client.Client, scheme, token string, bound grant.Binding) *refusal {
	if scheme != bound.TokenType() {
		return invalidToken("the token is of another type")
	}
	if !bound.Bound() {
		return nil
	}
	shown, err := s.Prove(w, r, c, "/userinfo", token)
	if err != nil {
		return refused(err)
	}
	if !bound.Matches(shown.Binding) {
		return invalidToken("the token is bound to another key")
	}
	return refused(shown.Use(r.Context()))
}

// challenge writes r as RFC 6750, section 3, wants it. "If the request lacks
// any authentication information ... the resource server SHOULD NOT include an
// error code" (section 3.1).
func (s *Service) challenge(ctx context.Context, w http.ResponseWriter, scheme string, r *refusal) error {
	value := scheme + ` realm="gatehouse"`
	if r.Code != "" {
		s.report(ctx, r)
		value += `, error="` + r.Code + `", error_description="` + r.Description + `"`
	}
	if scheme == schemeDPoP { // RFC 9449, section 7.1
		value += `, algs="` + strings.Join(proof.Algs(), " ") + `"`
	}
	if r.status < http.StatusInternalServerError {
		w.Header().Set("WWW-Authenticate", value)
	}
	if r.Code == "" {
		return answer.JSON(w, r.status, map[string]string{"error": "invalid_token", "error_description": "an access token is needed"})
	}
	return answer.JSON(w, r.status, r)
}
