package token

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// accessType is the typ header of access tokens that are JWTs (RFC 9068,
// section 2.1).
const accessType = "at+jwt"

// accessClaims are their claims (RFC 9068, section 2.2; cnf: RFC 7800).
// grant_id, grant_epoch, offline, idp and userinfo_claims are ours: what the token
// ends with, the store in which that would be known ([grant.Grants.Epoch]), how the
// person signed in, and what it was asked for (OpenID Connect Core, section 5.5);
// so are exchanged_from and granted_to, see [grant.Lineage]. act: RFC 8693, section
// 4.1.
type accessClaims struct {
	Issuer   string        `json:"iss"`
	Subject  string        `json:"sub"`
	Sealed   string        `json:"sub_sealed,omitempty"`
	Audience audience      `json:"aud"`
	Client   string        `json:"client_id"`
	Scope    string        `json:"scope,omitempty"`
	ID       string        `json:"jti"`
	Issued   int64         `json:"iat"`
	Begins   int64         `json:"nbf"` // Issued: it is good at once (JWT-05)
	Expires  int64         `json:"exp"`
	AuthTime int64         `json:"auth_time,omitempty"`
	ACR      string        `json:"acr,omitempty"`
	AMR      []string      `json:"amr,omitempty"`
	SID      string        `json:"sid,omitempty"`
	Binding  grant.Binding `json:"cnf,omitzero"`
	IDP      string        `json:"idp,omitempty"`
	Family   string        `json:"grant_id,omitempty"`
	Epoch    string        `json:"grant_epoch"`
	Offline  bool          `json:"offline,omitempty"`
	Claims   []string      `json:"userinfo_claims,omitempty"`
	Actor    *actor        `json:"act,omitempty"`
	From     []string      `json:"exchanged_from,omitempty"`
	Granted  string        `json:"granted_to,omitempty"`
	personal map[string]any
}

// MarshalJSON implements json.Marshaler. What is said of a person never stands
// for a claim of the token.
func (c accessClaims) MarshalJSON() ([]byte, error) {
	type plain accessClaims
	raw, err := json.Marshal(plain(c))
	if err != nil || len(c.personal) == 0 {
		return raw, err
	}
	own := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &own); err != nil {
		return nil, err
	}
	all := maps.Clone(c.personal)
	for name, value := range own {
		all[name] = value
	}
	return json.Marshal(all)
}

// audience is written as a string where there is one (RFC 7519, section 4.1.3).
type audience []string

// MarshalJSON implements json.Marshaler.
func (a audience) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

// accessToken makes the access token of an answer, in the form the client wants
// it, and tells how long it lives. It lives from the instant before what it
// comes of was looked at, see [grant.Grants.End].
func (s *Service) accessToken(ctx context.Context, c *client.Client, out *issued) (string, time.Duration, error) {
	life := grant.AccessLife
	if c.AccessTokenLife > 0 {
		life = min(c.AccessTokenLife, grant.MaxAccessLife)
	}
	life = s.Resources.Life(life, out.audience)
	expires := out.from.Add(life)
	if !out.until.IsZero() && out.until.Before(expires) {
		expires, life = out.until, out.until.Sub(out.from)
	}
	a := grant.Access{
		Authorization: out.Authorization, Lineage: out.lineage, Audience: out.audience, Issued: out.from.Unix(), Expires: expires.Unix(),
	}
	a.Resources, a.IDTokenClaims = nil, nil // the audience says it for this token, and it is no ID token
	if form, _ := s.Resources.Form(c, out.audience); form != client.JWT {
		token, err := s.Grants.NewAccess(ctx, a)
		return token, life, err
	}
	if err := s.Grants.Name(ctx, &a); err != nil {
		return "", 0, err
	}
	sealed, idp := "", ""
	if a.Person() {
		sealed = s.Subjects.Seal(c, a.Subject, a.ID)
	}
	if a.Offline { // when the session is over nothing else knows it, and a rule may ask
		idp = a.IDP
	}
	token, err := s.Signer.Sign(ctx, c.Alg(), accessType, accessClaims{
		Issuer: s.Issuer, Subject: s.named(c, a.Authorization), Sealed: sealed, Audience: a.Audience, Client: a.Client, Scope: strings.Join(a.Scopes, " "),
		ID: a.ID, Epoch: a.Epoch, Issued: a.Issued, Begins: a.Issued, Expires: a.Expires, AuthTime: a.AuthTime, ACR: a.ACR, AMR: a.AMR, SID: a.SID,
		Binding: a.Binding, IDP: idp, Family: a.Family, Offline: a.Offline, Claims: a.UserInfoClaims,
		Actor: acting(a.Actors), From: a.Tokens, Granted: a.GrantedTo,
		personal: s.inAccessToken(c, out),
	})
	return token, life, err
}

// inAccessToken are the claims about the person that the client's access tokens
// carry: of what it may learn from userinfo, what it wants there.
func (s *Service) inAccessToken(c *client.Client, out *issued) map[string]any {
	if out.session == nil || len(c.AccessTokenClaims) == 0 {
		return nil
	}
	all := s.Book.Of(c, out.session, out.Scopes, s.Book.Allowed(c, out.UserInfoClaims)...)
	maps.DeleteFunc(all, func(name string, _ any) bool { return !slices.Contains(c.AccessTokenClaims, name) })
	return all
}

// held is an access token with the clients through whose hands it went, the one
// it was issued to first.
type held struct {
	grant.Access
	clients []*client.Client
}

// owner is the client that the token was issued to.
func (h held) owner() *client.Client { return h.clients[0] }

// open finds what an access token stands for, whatever its form. What was
// exchanged ends with every client it comes from. fault.NotFound: it is none of
// ours, expired, revoked, or its family or a client is gone, or a client out of
// reach.
func (s *Service) open(ctx context.Context, token string) (held, error) {
	a, err := s.decode(ctx, token)
	if err != nil {
		return held{}, err
	}
	h := held{Access: a}
	ctx = client.Vouch(ctx) // they are in our own token
	for _, id := range a.Clients() {
		c, err := s.Clients.Client(ctx, id)
		if client.Absent(err) {
			err = fault.Wrap(fault.NotFound, "token.open", err)
		}
		if err != nil {
			return held{}, fault.At("token.open", err)
		}
		h.clients = append(h.clients, c)
	}
	return h, nil
}

// decode is open for either form.
func (s *Service) decode(ctx context.Context, token string) (grant.Access, error) {
	const op = "token.decode"
	if strings.Count(token, ".") != 2 {
		return s.Grants.Access(ctx, token)
	}
	var c accessClaims
	switch err := s.Signer.Verify(ctx, token, accessType, &c); {
	case fault.Is(err, fault.Invalid):
		return grant.Access{}, fault.Wrap(fault.NotFound, op, err)
	case err != nil:
		return grant.Access{}, fault.At(op, err)
	case c.Issuer != s.Issuer || c.ID == "" || c.Client == "":
		return grant.Access{}, fault.New(fault.NotFound, op, "")
	}
	who := identity.Subject(c.Subject)
	if c.Sealed != "" {
		var err error
		if who, err = s.Subjects.Open(c.Sealed, c.ID); err != nil {
			return grant.Access{}, fault.Wrap(fault.NotFound, op, err)
		}
	}
	a := grant.Access{
		Authorization: grant.Authorization{
			Client: c.Client, Subject: who, Scopes: strings.Fields(c.Scope), SID: c.SID,
			AuthTime: c.AuthTime, IDP: c.IDP, ACR: c.ACR, AMR: c.AMR, Offline: c.Offline, Binding: c.Binding, Family: c.Family, UserInfoClaims: c.Claims,
		},
		Audience: c.Audience, ID: c.ID, Epoch: c.Epoch, Issued: c.Issued, Expires: c.Expires,
		Lineage: grant.Lineage{Tokens: c.From, GrantedTo: c.Granted, Actors: c.Actor.chain()},
	}
	return a, s.Grants.Stands(ctx, a)
}
