package grant

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// Lineage tells how an access token came of another one by token exchange (RFC
// 8693). The zero value: it did not.
type Lineage struct {
	// Tokens are those that it descends from, the nearest first. It dies with
	// any of them.
	Tokens []Ancestor `json:"exchanged_from,omitempty"`
	// GrantedTo is the client that the first of them was issued to. Empty: it is
	// this token's too.
	GrantedTo string `json:"granted_to,omitempty"`
	// Actors are the clients that act for one another after that one, the
	// present first (section 4.1).
	Actors []string `json:"actors,omitempty"`
}

// Ancestor names an access token without being one: a JWT by its jti, an opaque
// one by the key it is kept under.
type Ancestor struct {
	ID  string `json:"jti,omitempty"`
	Key string `json:"key,omitempty"`
}

// Named gives the name of the token that stands for a.
func (a Access) Named(token string) Ancestor {
	if a.ID != "" {
		return Ancestor{ID: a.ID}
	}
	return Ancestor{Key: secret.Hash(token)}
}

// Clients are all clients through whose hands the token went, its own first.
func (a Access) Clients() []string {
	list := []string{a.Client}
	if a.GrantedTo == "" {
		return list
	}
	for _, actor := range a.Actors {
		if actor != a.Client {
			list = append(list, actor)
		}
	}
	return append(list, a.GrantedTo)
}

// descends is nil unless a token of the lineage was ended: fault.NotFound. One
// that is opaque is gone then; it can't have expired, since nothing outlives
// what it descends from.
func (g *Grants) descends(ctx context.Context, l Lineage) error {
	for _, from := range l.Tokens {
		if err := g.Alive(ctx, from.ID); err != nil {
			return err
		}
		if from.Key == "" {
			continue
		}
		if _, err := g.Shorts.Get(ctx, kindToken, from.Key); err != nil {
			return fault.At("grant.descends", err)
		}
	}
	return nil
}
