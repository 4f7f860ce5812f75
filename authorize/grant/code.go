package grant

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Code is what a code stands for: what was allowed, and the request it answers.
type Code struct {
	Authorization        // NewCode sets its Family
	RedirectURI   string `json:"uri"`
	Challenge     string `json:"challenge,omitempty"`
	Nonce         string `json:"nonce,omitempty"`
	// Redeemed is the instant before the code was spent; access tokens live
	// from then on. Redeem sets it.
	Redeemed time.Time `json:"-"`
}

// NewCode keeps c and returns the code for it (OAU-03).
func (g *Grants) NewCode(ctx context.Context, c Code) (string, error) {
	const op = "grant.NewCode"
	c.Family = secret.New()
	value, err := json.Marshal(c)
	if err != nil {
		return "", fault.Wrap(fault.Internal, op, err)
	}
	code := secret.New()
	return code, fault.At(op, g.Shorts.Create(ctx, store.Item{
		Kind: kindCode, Key: secret.Hash(code), Value: value,
		Index:   store.Index{Sub: string(c.Subject), SID: c.SID, Family: c.Family},
		Expires: g.now().Add(CodeLife),
	}))
}

// Redeem spends a code and returns what it stands for, to exactly one caller
// (OAU-06, OAU-08). A code that is unknown or expired is fault.NotFound. One
// that was spent before is fault.Spent, and everything issued from it is dead
// when Redeem returns: "If an authorization code is used more than once, the
// authorization server MUST deny the request and SHOULD revoke (when possible)
// all tokens previously issued based on that authorization code" (RFC 6749,
// section 4.1.2; OAU-07). That includes what a parallel winner is about to
// issue. by is noted as the one who redeemed it.
func (g *Grants) Redeem(ctx context.Context, code, by string) (Code, error) {
	const op = "grant.Redeem"
	if !secret.Valid(code) {
		return Code{}, fault.New(fault.NotFound, op, "")
	}
	redeemed := g.now()
	item, err := g.Shorts.Take(ctx, kindCode, secret.Hash(code), by)
	if spent, ok := errors.AsType[*store.SpentError](err); ok {
		if err := g.End(ctx, spent.Index.Family); err != nil {
			return Code{}, fault.At(op, err)
		}
		return Code{}, fault.Wrap(fault.Spent, op, err)
	}
	if err != nil {
		return Code{}, fault.At(op, err)
	}
	var c Code
	if err := json.Unmarshal(item.Value, &c); err != nil {
		return Code{}, fault.Wrap(fault.Internal, op, err)
	}
	c.Redeemed = redeemed
	return c, nil
}
