package token

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// parameters lists what the endpoints know; each may occur once. Only resource
// and audience may occur more often (RFC 8707, section 2; RFC 8693, section 2.1).
func parameters() []string {
	return []string{
		"grant_type", "code", "redirect_uri", "code_verifier", "device_code", "client_id", "client_secret",
		"client_assertion", "client_assertion_type", "scope", "refresh_token", "username", "password",
		"token", "token_type_hint", "requested_token_type",
		"subject_token", "subject_token_type", "actor_token", "actor_token_type",
	}
}

// asked is a request at the token endpoint whose client is known.
type asked struct {
	client *client.Client
	params url.Values
	proof  Proof // of a key
}

// issued is what a grant comes to: everything that an answer is made of.
type issued struct {
	grant.Authorization          // of which Scopes are those of this answer
	audience            []string // whom the access token is meant for
	from                time.Time
	session             *identity.Session // nil: no person, and no ID token
	nonce               string
	refresh             string // the refresh token to use from now on, "" for none
	// Of a token exchange: what the token descends from, when that ends, and the
	// kind of the new token.
	lineage grant.Lineage
	until   time.Time
	kind    string
}

// Token is the token endpoint: POST, form-encoded, nothing in the query, one
// grant type (RFC 6749, section 3.2; OAU-30). The caller has checked the
// method. Refusals are written as JSON; an error means the answer could not be
// written.
func (s *Service) Token(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, no := s.ask(w, r)
	if no != nil {
		return s.tell(ctx, w, no)
	}
	out, no := s.grant(ctx, q)
	if no == nil {
		no = refused(q.proof.Use(ctx))
	}
	if no != nil {
		return s.tell(ctx, w, no.of(q.client))
	}
	out.Scopes = s.Resources.Meant(out.Scopes, out.audience)
	body, err := s.answer(ctx, q, out)
	if err != nil {
		return s.tell(ctx, w, failure(err))
	}
	if s.Used != nil {
		s.Used(ctx, q.client)
	}
	return answer.JSON(w, http.StatusOK, body)
}

// ask reads a request and finds out who sent it.
func (s *Service) ask(w http.ResponseWriter, r *http.Request) (*asked, *refusal) {
	p, no := read(w, r)
	if no != nil {
		return nil, no
	}
	c, no := s.authenticate(r, p)
	if no != nil {
		return nil, no
	}
	proof, err := s.Prove(w, r, c, "/token", "")
	if err != nil {
		return nil, refused(err).of(c)
	}
	if no := demanded(c, proof.Binding); no != nil {
		return nil, no.of(c)
	}
	return &asked{client: c, params: p, proof: proof}, nil
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

// grant finds what the client is to get. A further grant type is one more case
// here, and a function beside redeem, refresh, credentials, exchange
// and device.
func (s *Service) grant(ctx context.Context, q *asked) (*issued, *refusal) {
	var give func(context.Context, *asked) (*issued, *refusal)
	kind := q.params.Get("grant_type")
	switch kind {
	case client.GrantCode:
		give = s.redeem
	case client.GrantRefresh:
		give = s.refresh
	case client.GrantCredentials:
		give = s.credentials
	case client.GrantExchange:
		give = s.exchange
	case client.GrantDevice:
		give = s.device
	case "":
		return nil, refuse("invalid_request", "grant_type is missing")
	}
	if give == nil || kind == client.GrantDevice && s.Devices == nil {
		return nil, refuse("unsupported_grant_type", "the grant type is not offered") // OAU-13
	}
	if !q.client.MayUse(kind) {
		return nil, refuse("unauthorized_client", "this client may not use this grant type")
	}
	return give(ctx, q)
}
