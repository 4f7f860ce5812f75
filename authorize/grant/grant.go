package grant

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// The lifetimes. "A maximum authorization code lifetime of 10 minutes is
// RECOMMENDED" (RFC 6749, section 4.1.2); one minute is what a redirect needs
// (OAU-03).
const (
	CodeLife = time.Minute
	// AccessLife is how long an access token lives unless its client says
	// otherwise; MaxAccessLife is the most it may say.
	AccessLife    = 5 * time.Minute
	MaxAccessLife = time.Hour
)

// slack is what the clocks of two processes may differ by.
const slack = time.Minute

// The kinds of short-lived things kept here. An "ended" item says that
// everything of its family, or one token of that id, is dead, whenever it was
// issued; a "withdrawn" one, when somebody took back what they had allowed a
// client.
const (
	kindCode      store.Kind = "code"
	kindDevice    store.Kind = "device grant"
	kindToken     store.Kind = "token"
	kindEnded     store.Kind = "ended"
	kindWithdrawn store.Kind = "withdrawn"
)

// Binding names the key without which a token is worth nothing.
type Binding = proof.Binding

// Authorization is what somebody allowed a client: it stays the same however
// often it is renewed.
type Authorization struct {
	Client string   `json:"client"`
	Scopes []string `json:"scopes"`
	// Resources are the resource servers that tokens may be meant for (RFC
	// 8707). Nil: none was named.
	Resources []string `json:"resources,omitempty"`
	// Subject is the person; for a client acting for itself, its id. AuthTime,
	// in Unix seconds, is never zero for a person and always for a client.
	Subject  identity.Subject `json:"sub"`
	SID      string           `json:"sid,omitempty"`
	AuthTime int64            `json:"auth_time,omitempty"`
	IDP      string           `json:"idp,omitempty"`
	AMR      []string         `json:"amr,omitempty"`
	ACR      string           `json:"acr,omitempty"`
	// Offline says that the authorization outlives the session (OpenID Connect
	// Core, section 11). Without it the session's end is its end (SES-10).
	Offline bool `json:"offline,omitempty"`
	// Binding is what a code or refresh token of a client without a secret is
	// bound to.
	Binding Binding `json:"cnf,omitzero"`
	// UserInfoClaims and IDTokenClaims are further claims about the person, by
	// name (OpenID Connect Core, section 5.5).
	UserInfoClaims []string `json:"userinfo_claims,omitempty"`
	IDTokenClaims  []string `json:"id_token_claims,omitempty"`
	// Family names what was issued from one authorization together. It grants
	// nothing. Empty: what can't be renewed nor replayed.
	Family string `json:"family,omitempty"`
}

// Person tells whether the authorization is somebody's, and not a client's own.
func (a Authorization) Person() bool { return a.AuthTime != 0 }

// Grants keeps codes and tokens in the stores. Records may be nil, if no client
// may have refresh tokens; [Migrations] must have been applied to it. Now nil
// means time.Now; it must be the clock of the stores.
type Grants struct {
	Shorts  store.Shorts
	Records store.Records
	Now     func() time.Time
}

func (g *Grants) now() time.Time {
	if g.Now != nil {
		return g.Now()
	}
	return time.Now()
}

// End kills a family: "the authorization server SHOULD also invalidate all
// access tokens based on the same authorization grant" (RFC 7009, section 2.1).
//
// The mark comes first and outlives every access token that whoever is just
// redeeming something can still issue, since those live from the instant before
// that was looked at: so none escapes, however late it is written. The row goes
// after it: [Grants.NewRefresh] writes the row first and then looks for the
// mark. Deleting the tokens themselves only clears up.
func (g *Grants) End(ctx context.Context, family string) error {
	const op = "grant.End"
	if family == "" {
		return nil
	}
	if err := g.mark(ctx, family, g.now().Add(MaxAccessLife)); err != nil {
		return fault.At(op, err)
	}
	if err := g.drop(ctx, family); err != nil {
		return fault.At(op, err)
	}
	_, err := g.Shorts.DeleteByIndex(ctx, kindToken, store.ByFamily, family)
	return fault.At(op, err)
}

// mark notes that a family or token is dead, until nothing of it can be alive.
func (g *Grants) mark(ctx context.Context, id string, until time.Time) error {
	err := g.Shorts.Create(ctx, store.Item{Kind: kindEnded, Key: id, Value: []byte{}, Expires: until.Add(slack)})
	if fault.Is(err, fault.Exists) {
		return nil
	}
	return err
}

// Alive is nil unless one of ids, a family's or a token's, was ended:
// fault.NotFound. An empty id is nobody's.
func (g *Grants) Alive(ctx context.Context, ids ...string) error {
	const op = "grant.Alive"
	for _, id := range ids {
		if id == "" {
			continue
		}
		switch _, err := g.Shorts.Get(ctx, kindEnded, id); {
		case err == nil:
			return fault.New(fault.NotFound, op, "")
		case !fault.Is(err, fault.NotFound):
			return fault.At(op, err)
		}
	}
	return nil
}
