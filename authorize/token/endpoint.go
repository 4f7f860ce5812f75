package token

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// parameters lists what the token endpoint knows; each may occur once.
func parameters() []string {
	return []string{
		"grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret",
		"client_assertion", "client_assertion_type", "scope", "refresh_token", "username", "password",
	}
}

// answer is a successful answer (RFC 6749, section 5.1; OpenID Connect Core,
// section 3.1.3.3).
type answer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	IDToken     string `json:"id_token,omitempty"`
	Scope       string `json:"scope"`
}

// Token is the token endpoint: POST, form-encoded, nothing in the query, one
// grant type (RFC 6749, section 3.2; OAU-30). The caller has checked the
// method. Refusals are written as JSON; an error means the answer could not be
// written.
func (s *Service) Token(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, no := read(w, r)
	if no != nil {
		return s.tell(ctx, w, no)
	}
	c, no := s.authenticate(r, p)
	if no != nil {
		return s.tell(ctx, w, no)
	}
	out, no := s.grant(ctx, c, p)
	if no != nil {
		return s.tell(ctx, w, no)
	}
	return write(w, http.StatusOK, out)
}

// read takes the parameters out of the body.
func read(w http.ResponseWriter, r *http.Request) (url.Values, *refusal) {
	// "Parameters ... MUST NOT be included in the request URI" (RFC 6749,
	// section 2.3.1): addresses end up in logs.
	if r.URL.RawQuery != "" {
		return nil, refuse("invalid_request", "parameters belong in the body")
	}
	raw, err := form.Body(w, r)
	if e, ok := errors.AsType[*form.StatusError](err); ok {
		return nil, &refusal{Code: "invalid_request", Description: "the body must be form-encoded and small", status: e.Status}
	}
	p, err := form.Parse(raw)
	if err != nil {
		return nil, refuse("invalid_request", "the body is not form-encoded")
	}
	if name := form.Doubled(p, parameters()); name != "" {
		return nil, refuse("invalid_request", name+" occurs more than once")
	}
	return p, nil
}

// grant turns an authenticated request into tokens.
func (s *Service) grant(ctx context.Context, c *client.Client, p url.Values) (*answer, *refusal) {
	switch kind := p.Get("grant_type"); {
	case kind == "":
		return nil, refuse("invalid_request", "grant_type is missing")
	case kind != client.GrantCode:
		return nil, refuse("unsupported_grant_type", "only authorization_code is offered") // OAU-13
	case !c.MayUse(kind):
		return nil, refuse("unauthorized_client", "this client may not use this grant type")
	case p.Get("code") == "":
		return nil, refuse("invalid_request", "code is missing")
	case p.Get("redirect_uri") == "":
		return nil, refuse("invalid_request", "redirect_uri is missing")
	}
	// The code is spent before it is looked at: whoever holds somebody else's
	// code, or guesses verifiers, gets one attempt.
	code, err := s.Grants.Redeem(ctx, p.Get("code"), c.ID)
	switch {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Spent):
		no := refuse("invalid_grant", "the code is unknown, expired or used")
		no.cause = err
		return nil, no
	case err != nil:
		return nil, failure(err)
	}
	if no := fits(c, code, p); no != nil {
		return nil, no
	}
	session, err := s.session(ctx, code.SID, code.Subject)
	switch {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied):
		return nil, refuse("invalid_grant", "the login is over")
	case err != nil:
		return nil, failure(err)
	}
	return s.issue(ctx, c, code, session)
}

// fits compares the code with the request that redeems it.
func fits(c *client.Client, code grant.Code, p url.Values) *refusal {
	switch verifier := p.Get("code_verifier"); {
	case code.Client != c.ID: // RFC 6749, section 5.2; OAU-10
		return refuse("invalid_grant", "the code was issued to another client")
	case code.RedirectURI != p.Get("redirect_uri"): // section 4.1.3; OAU-09
		return refuse("invalid_grant", "redirect_uri differs from the one of the request")
	case code.Challenge == "" && verifier != "": // RFC 9700, section 2.1.1; OAU-05
		return refuse("invalid_grant", "code_verifier without a code_challenge")
	case code.Challenge != "" && !proves(verifier, code.Challenge):
		return refuse("invalid_grant", "code_verifier does not fit")
	}
	return nil
}

// proves tells whether verifier has the form of RFC 7636, section 4.1, and is
// the one the challenge was made of (section 4.6, S256).
func proves(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	for i := range len(verifier) {
		c := verifier[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("-._~", c) < 0 {
			return false
		}
	}
	sum := sha256.Sum256([]byte(verifier))
	return secret.Equal(base64.RawURLEncoding.EncodeToString(sum[:]), challenge)
}

// session finds the login behind a code or token. A session that belongs to
// somebody else is not it.
func (s *Service) session(ctx context.Context, sid string, sub identity.Subject) (*identity.Session, error) {
	session, err := s.Sessions.Find(ctx, sid)
	if err != nil {
		return nil, err
	}
	if session == nil || session.User == nil || session.User.Subject != sub {
		return nil, fault.New(fault.NotFound, "token.session", "")
	}
	return session, nil
}

// issue makes the tokens.
func (s *Service) issue(ctx context.Context, c *client.Client, code grant.Code, session *identity.Session) (*answer, *refusal) {
	access, err := s.Grants.NewAccess(ctx, code)
	if err != nil {
		return nil, failure(err)
	}
	out := &answer{
		AccessToken: access, TokenType: "Bearer",
		ExpiresIn: int64(grant.AccessLife.Seconds()), Scope: strings.Join(code.Scopes, " "),
	}
	if slices.Contains(code.Scopes, client.ScopeOpenID) {
		if out.IDToken, err = s.idToken(ctx, c, code, session, access); err != nil {
			return nil, failure(err)
		}
	}
	return out, nil
}
