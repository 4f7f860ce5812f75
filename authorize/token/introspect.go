package token

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// introspectionType is the typ header and the media type of signed answers (RFC
// 9701, section 5).
const introspectionType = "token-introspection+jwt"

// Introspect is the introspection endpoint (RFC 7662): a resource server asks
// what a token stands for. "The authorization server MUST ... require some form
// of authorization to access this endpoint" (section 2.1): a client that can
// prove who it is, about tokens that were issued to it or are meant for it
// (OAU-34). About any other token it learns the same as about one that does not
// exist. The caller has checked the method.
func (s *Service) Introspect(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, no := read(w, r)
	if no != nil {
		return s.tell(ctx, w, no)
	}
	c, no := s.authenticate(r, p)
	if no == nil && c.Public {
		no = invalidClient()
	}
	if no != nil {
		return s.tell(ctx, w, no)
	}
	if p.Get("token") == "" {
		return s.tell(ctx, w, refuse("invalid_request", "token is missing"))
	}
	known, err := s.introspect(ctx, c, p.Get("token"))
	if err != nil {
		return s.tell(ctx, w, failure(err))
	}
	if !wantsJWT(r) {
		return answer.JSON(w, http.StatusOK, known)
	}
	signed, err := s.Signer.Sign(ctx, c.Alg(), introspectionType, map[string]any{
		"iss": s.Issuer, "aud": c.ID, "iat": s.Now().Unix(), "token_introspection": known,
	})
	if err != nil {
		return s.tell(ctx, w, failure(err))
	}
	return answer.Bytes(w, http.StatusOK, "application/"+introspectionType, []byte(signed))
}

// wantsJWT tells whether the asker named the media type of signed answers (RFC
// 9701, section 4).
func wantsJWT(r *http.Request) bool {
	for _, field := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(field, ",") {
			kind, args, err := mime.ParseMediaType(part)
			if err == nil && kind == "application/"+introspectionType && args["q"] != "0" {
				return true
			}
		}
	}
	return false
}

// introspection is what is said about a token (RFC 7662, section 2.2). The zero
// value says that there is none.
type introspection struct {
	Active   bool          `json:"active"`
	Issuer   string        `json:"iss,omitempty"`
	Subject  string        `json:"sub,omitempty"`
	Audience audience      `json:"aud,omitempty"`
	Client   string        `json:"client_id,omitempty"`
	Scope    string        `json:"scope,omitempty"`
	Type     string        `json:"token_type,omitempty"`
	ID       string        `json:"jti,omitempty"`
	Issued   int64         `json:"iat,omitempty"`
	Expires  int64         `json:"exp,omitempty"`
	AuthTime int64         `json:"auth_time,omitempty"`
	ACR      string        `json:"acr,omitempty"`
	AMR      []string      `json:"amr,omitempty"`
	SID      string        `json:"sid,omitempty"`
	Binding  grant.Binding `json:"cnf,omitzero"`
	Actor    *actor        `json:"act,omitempty"`
}

// introspect says what c may know of a token. Whatever makes it worthless
// elsewhere makes it inactive here: its end, its revocation, a replay, the end
// of its session or account, and a person who may not use its client now.
func (s *Service) introspect(ctx context.Context, c *client.Client, token string) (introspection, error) {
	access, err := s.open(ctx, token)
	if fault.Is(err, fault.NotFound) {
		return s.introspectRefresh(ctx, c, token)
	}
	if err != nil || access.Client != c.ID && !c.Serves(access.Audience) {
		return introspection{}, err
	}
	if _, err := s.behind(ctx, access.Authorization, access.clients...); err != nil {
		return introspection{}, unlessOver(err)
	}
	s.use(ctx, access.owner(), access.Authorization)
	known := s.describe(access.owner(), access.Authorization)
	known.Audience, known.ID, known.Type = access.Audience, access.ID, access.Binding.TokenType()
	known.Issued, known.Expires, known.Actor = access.Issued, access.Expires, acting(access.Actors)
	return known, nil
}

// introspectRefresh does the same for a refresh token, which is the business of
// its client alone. Asking is not using.
func (s *Service) introspectRefresh(ctx context.Context, c *client.Client, token string) (introspection, error) {
	refresh, err := s.Grants.Peek(ctx, token)
	if err != nil || refresh.Client != c.ID {
		return introspection{}, unlessOver(err)
	}
	if _, err := s.behind(ctx, refresh.Authorization, c); err != nil {
		return introspection{}, unlessOver(err)
	}
	known := s.describe(c, refresh.Authorization)
	known.Issued, known.Expires = refresh.Began.Unix(), refresh.Expires.Unix()
	return known, nil
}

// describe is what both have in common. Whoever asks, the sub is that of the
// client that has the token, as in a token that can be read.
func (s *Service) describe(owner *client.Client, a grant.Authorization) introspection {
	return introspection{
		Active: true, Issuer: s.Issuer, Subject: s.named(owner, a), Client: a.Client, Scope: strings.Join(a.Scopes, " "),
		AuthTime: a.AuthTime, ACR: a.ACR, AMR: a.AMR, SID: a.SID, Binding: a.Binding,
	}
}

// unlessOver drops an error that says no more than that something is gone.
func unlessOver(err error) error {
	if over(err) {
		return nil
	}
	return err
}
