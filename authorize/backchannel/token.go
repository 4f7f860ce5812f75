package backchannel

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

const (
	// tokenType is the typ header, so that a logout token passes for nothing
	// else (section 2.4; JWT-06).
	tokenType = "logout+jwt"
	// tokenLife is "at most two minutes" (section 2.4). It covers clocks that
	// differ, not a way that takes long: each attempt has a token of its own.
	tokenLife = 2 * time.Minute
	// event is the only member of events.
	event = "http://schemas.openid.net/event/backchannel-logout"
)

// claims of a logout token (section 2.4). There is no nonce, which is what
// keeps it from passing for an ID token. sid is always there: without it a
// client would end every session of the person (SES-11).
type claims struct {
	Issuer   string              `json:"iss"`
	Subject  string              `json:"sub"`
	Audience string              `json:"aud"`
	Issued   int64               `json:"iat"`
	Expires  int64               `json:"exp"`
	ID       string              `json:"jti"`
	Events   map[string]struct{} `json:"events"`
	SID      string              `json:"sid"`
}

// token signs a logout token with an id of its own: a client remembers ids, and
// would take a second attempt with the first one's for a replay.
func (s *Sender) token(ctx context.Context, c *client.Client, n notice) (string, error) {
	now := s.Now()
	return s.Signer.Sign(ctx, c.Alg(), tokenType, claims{
		Issuer: s.Issuer, Subject: s.subject(c, n.subject), Audience: c.ID,
		Issued: now.Unix(), Expires: now.Add(tokenLife).Unix(),
		ID: secret.New(), Events: map[string]struct{}{event: {}}, SID: n.sid,
	})
}

// subject is what the client calls the person.
func (s *Sender) subject(c *client.Client, sub identity.Subject) string {
	if s.Subject == nil {
		return string(sub)
	}
	return s.Subject(c, sub)
}
