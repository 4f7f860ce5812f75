package grant

import (
	"context"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// Access is what an access token stands for. The authorization in it may be
// narrower than what was granted: Scopes are this token's, Binding its own, and
// in place of Resources there is the Audience.
type Access struct {
	Authorization
	Lineage
	Audience []string `json:"aud"`
	// ID is the token's jti, by which it can be ended.
	ID string `json:"jti"`
	// Epoch is the one that the token is judged in, see [Grants.Epoch].
	Epoch string `json:"-"`
	// Issued and Expires are in Unix seconds.
	Issued  int64 `json:"iat"`
	Expires int64 `json:"exp"`
}

// Name gives a token its ID and Epoch.
func (g *Grants) Name(ctx context.Context, a *Access) (err error) {
	a.ID = secret.New()
	a.Epoch, err = g.Epoch(ctx)
	return fault.At("grant.Name", err)
}

// NewAccess makes an opaque access token, which is a itself, sealed: nothing is
// kept. Before it hands out what comes of a code or refresh token, a caller must
// have taken the time from which its life counts: see [Grants.End].
func (g *Grants) NewAccess(ctx context.Context, a Access) (string, error) {
	const op = "grant.NewAccess"
	if err := g.Name(ctx, &a); err != nil {
		return "", fault.At(op, err)
	}
	token, err := g.seal(ctx, asAccess, a)
	return token, fault.At(op, err)
}

// Access returns what an opaque token stands for. A token that is unknown or
// expired, or does not stand any more, is fault.NotFound.
func (g *Grants) Access(ctx context.Context, token string) (Access, error) {
	const op = "grant.Access"
	var a Access
	if err := g.open(ctx, asAccess, token, &a); err != nil {
		return Access{}, fault.At(op, err)
	}
	var err error
	if a.Epoch, err = g.Epoch(ctx); err != nil {
		return Access{}, fault.At(op, err)
	}
	return a, g.Stands(ctx, a)
}

// Stands is nil unless an access token expired, or what it stands for was ended:
// the token itself, one it descends from, its family, or all that its person had
// allowed its client, one that handed it on, or anybody. Then it is
// fault.NotFound. It makes no difference whether the token is opaque or a JWT.
func (g *Grants) Stands(ctx context.Context, a Access) error {
	const op = "grant.Stands"
	epoch, err := g.Epoch(ctx)
	if err != nil {
		return fault.At(op, err)
	}
	if a.ID == "" || a.Epoch != epoch || g.now().Unix() >= a.Expires {
		return fault.New(fault.NotFound, op, "")
	}
	return fault.At(op, g.stands(ctx, a.Authorization, time.Unix(a.Issued, 0), a.Clients(), slices.Concat([]string{a.ID}, a.Tokens)...))
}
