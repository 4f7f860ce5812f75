package grant

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Access is what an access token stands for. The authorization in it may be
// narrower than what was granted: Scopes are this token's, Binding its own, and
// in place of Resources there is the Audience.
type Access struct {
	Authorization
	Lineage
	Audience []string `json:"aud"`
	// ID is the jti of a token that is a JWT. Empty for an opaque one.
	ID string `json:"-"`
	// Issued and Expires are in Unix seconds.
	Issued  int64 `json:"iat"`
	Expires int64 `json:"exp"`
}

// NewAccess makes an opaque access token that lives until expires. Before it
// hands out what comes of a code or refresh token, a caller must have taken the
// time from which expires counts: see [Grants.End].
func (g *Grants) NewAccess(ctx context.Context, a Access, expires time.Time) (string, error) {
	const op = "grant.NewAccess"
	value, err := json.Marshal(a)
	if err != nil {
		return "", fault.Wrap(fault.Internal, op, err)
	}
	token := secret.New()
	return token, fault.At(op, g.Shorts.Create(ctx, store.Item{
		Kind: kindToken, Key: secret.Hash(token), Value: value,
		Index:   store.Index{Sub: string(a.Subject), SID: a.SID, Family: a.Family},
		Expires: expires,
	}))
}

// Access returns what an opaque token stands for. A token that is unknown,
// expired or of a family that was ended is fault.NotFound.
func (g *Grants) Access(ctx context.Context, token string) (Access, error) {
	const op = "grant.Access"
	if !secret.Valid(token) {
		return Access{}, fault.New(fault.NotFound, op, "")
	}
	item, err := g.Shorts.Get(ctx, kindToken, secret.Hash(token))
	if err != nil {
		return Access{}, fault.At(op, err)
	}
	var a Access
	if err := json.Unmarshal(item.Value, &a); err != nil {
		return Access{}, fault.Wrap(fault.Internal, op, err)
	}
	return a, g.Stands(ctx, a)
}

// Stands is nil unless what an access token stands for was ended: the token
// itself, one it descends from, its family, or all that its person had allowed
// its client or one that handed it on. Then it is fault.NotFound.
func (g *Grants) Stands(ctx context.Context, a Access) error {
	const op = "grant.Stands"
	if err := g.Alive(ctx, a.ID, a.Family); err != nil {
		return fault.At(op, err)
	}
	if err := g.descends(ctx, a.Lineage); err != nil || !a.Person() {
		return fault.At(op, err)
	}
	for _, client := range a.Clients() {
		if err := g.unwithdrawn(ctx, a, client); err != nil {
			return fault.At(op, err)
		}
	}
	return nil
}

// unwithdrawn is nil unless a person took back what they allowed client, and
// with it this token.
func (g *Grants) unwithdrawn(ctx context.Context, a Access, client string) error {
	const op = "grant.unwithdrawn"
	item, err := g.Shorts.Get(ctx, kindWithdrawn, withdrawal(a.Subject, client))
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return fault.At(op, err)
	}
	at, err := strconv.ParseInt(string(item.Value), 10, 64)
	if err != nil || a.Issued <= at {
		return fault.New(fault.NotFound, op, "")
	}
	return nil
}

// withdrawal names what somebody allowed a client, as a whole.
func withdrawal(sub identity.Subject, client string) string {
	return secret.Hash(string(sub), client)
}

// RevokeAccess kills one access token: an opaque one by its text, a JWT by its
// id, which a mark outlives. Nothing else of the family is touched.
func (g *Grants) RevokeAccess(ctx context.Context, token string, a Access) error {
	const op = "grant.RevokeAccess"
	if a.ID != "" {
		return fault.At(op, g.mark(ctx, a.ID, time.Unix(a.Expires, 0)))
	}
	return fault.At(op, g.Shorts.Delete(ctx, kindToken, secret.Hash(token)))
}
