package grant

import (
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
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

// The kinds of short-lived things kept here. A "spent" mark says that the code of
// a family was redeemed. An "ended" one says that everything of a family, one
// token, or what somebody allowed a client is dead: whenever it was issued or, if
// the mark holds an instant in Unix milliseconds, what was issued until then.
const (
	kindCode   store.Kind = "code" // that was too long to be sealed
	kindDevice store.Kind = "device grant"
	kindSpent  store.Kind = "spent"
	kindEnded  store.Kind = "ended"
	kindEpoch  store.Kind = "epoch"
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

// Grants gives out codes and tokens, and knows which of them are spent or ended.
// Records may be nil, if no client may have refresh tokens; [Migrations] must have
// been applied to it. Box seals codes and opaque access tokens. Now nil means
// time.Now; it must be the clock of the stores. A Grants must not be copied.
type Grants struct {
	Shorts  store.Shorts
	Records store.Records
	Box     *seal.Box
	Now     func() time.Time

	epoch atomic.Pointer[string] // see Epoch
}

func (g *Grants) now() time.Time {
	if g.Now != nil {
		return g.Now()
	}
	return time.Now()
}
