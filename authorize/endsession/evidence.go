package endsession

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// idTokenType is the typ header of our ID tokens; no other token of ours has
// it, or is one (JWT-06).
const idTokenType = "JWT"

// evidence is what a request proves, whoever is signed in.
type evidence struct {
	// client is who asks; nil if nobody says, or what is said can't be
	// believed.
	client *client.Client
	// hint is the ID token that was sent, if it is one of ours for client.
	hint *hint
	// wrong says why something is not believed; a constant text.
	wrong error
}

// hint are the claims of an id_token_hint that matter. Its times do not: "The
// OP SHOULD accept ID Tokens ... even when the exp time has passed" (section
// 2). But only ID tokens have one, and an old one does not show that people
// still use the client.
type hint struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Party    string   `json:"azp"`
	Expires  float64  `json:"exp"`
	SID      string   `json:"sid"`
}

// audience is one text or several.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

// The reasons for not believing something.
var (
	errHint     = errors.New("id_token_hint is not an ID token of this issuer")
	errAudience = errors.New("id_token_hint was issued to another client")
	errClient   = errors.New("the client is not known")
	errOdd      = errors.New("a parameter is too long or has control characters")
)

// weigh finds out what a request proves. The error is a store's that can't
// tell.
func (s *Server) weigh(ctx context.Context, q request) (evidence, error) {
	var e evidence
	if q.odd {
		e.wrong = errOdd
	}
	id := q.client
	if q.hint != "" {
		h, err := s.open(ctx, q.hint)
		if err != nil {
			return e, err
		}
		if h == nil {
			return evidence{wrong: errHint}, nil
		}
		if id, e.hint = h.party(id), h; id == "" {
			return evidence{wrong: errAudience}, nil
		}
		if h.live(s.Now()) {
			ctx = client.Vouch(ctx) // it is in our own token
		}
	}
	if id == "" {
		return e, nil
	}
	c, err := s.Clients.Client(ctx, id)
	switch {
	case client.Absent(err) || err == nil && c == nil:
		return evidence{wrong: errClient}, nil
	case err != nil:
		return e, fault.At("endsession.weigh", err)
	}
	e.client = c
	return e, nil
}

// open reads a hint; nil if it is not an ID token of ours.
func (s *Server) open(ctx context.Context, token string) (*hint, error) {
	h := new(hint)
	err := s.Keys.Verify(ctx, token, idTokenType, h)
	if fault.Is(err, fault.Invalid) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.At("endsession.open", err)
	}
	if h.Issuer != s.Issuer || h.Subject == "" || h.Expires <= 0 {
		return nil, nil
	}
	return h, nil
}

// live tells whether the token has not expired.
func (h *hint) live(now time.Time) bool { return float64(now.Unix()) < h.Expires }

// party is the client to which the token was issued; "" if it contradicts id,
// which may be empty. "When both client_id and id_token_hint are present, the
// OP MUST verify that the Client Identifier matches the one used when issuing
// the ID Token" (section 2).
func (h *hint) party(id string) string {
	switch {
	case id != "" && slices.Contains(h.Audience, id):
		return id
	case id != "":
		return ""
	case len(h.Audience) == 1:
		return h.Audience[0]
	case slices.Contains(h.Audience, h.Party):
		return h.Party
	}
	return ""
}
