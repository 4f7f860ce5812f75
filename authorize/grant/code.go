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
	// Until is when the code is of no use any more, though it is still known.
	// NewCode and AllowDevice set it.
	Until time.Time `json:"until"`
	// Redeemed is the instant before the code was spent; access tokens live
	// from then on. Redeem sets it.
	Redeemed time.Time `json:"-"`
}

// NewCode keeps c and returns the code for it (OAU-03).
func (g *Grants) NewCode(ctx context.Context, c Code) (string, error) {
	code := secret.New()
	return code, fault.At("grant.NewCode", g.keep(ctx, kindCode, secret.Hash(code), c, g.now().Add(CodeLife)))
}

// AllowDevice keeps what somebody allowed a device (RFC 8628), until then. key is
// the hash of its device code, and used once.
func (g *Grants) AllowDevice(ctx context.Context, key string, a Authorization, until time.Time) error {
	return fault.At("grant.AllowDevice", g.keep(ctx, kindDevice, key, Code{Authorization: a}, until))
}

// keep stores what can be redeemed once, before the instant until. It is known
// for longer: as long as an access token may live that came of it, a replay
// shall end that token (OAU-07).
func (g *Grants) keep(ctx context.Context, kind store.Kind, key string, c Code, until time.Time) error {
	c.Family, c.Until = secret.New(), until
	value, err := json.Marshal(c)
	if err != nil {
		return fault.Wrap(fault.Internal, "grant.keep", err)
	}
	return g.Shorts.Create(ctx, store.Item{
		Kind: kind, Key: key, Value: value,
		Index:   store.Index{Sub: string(c.Subject), SID: c.SID, Family: c.Family},
		Expires: until.Add(MaxAccessLife),
	})
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
	c, err := g.redeem(ctx, kindCode, secret.Hash(code), by)
	return c, fault.At(op, err)
}

// RedeemDevice is [Grants.Redeem] for what [Grants.AllowDevice] kept.
func (g *Grants) RedeemDevice(ctx context.Context, key, by string) (Code, error) {
	c, err := g.redeem(ctx, kindDevice, key, by)
	return c, fault.At("grant.RedeemDevice", err)
}

// redeem is Redeem for either kind.
func (g *Grants) redeem(ctx context.Context, kind store.Kind, key, by string) (Code, error) {
	const op = "grant.redeem"
	redeemed := g.now()
	item, err := g.Shorts.Take(ctx, kind, key, by)
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
	if !redeemed.Before(c.Until) {
		return Code{}, fault.New(fault.NotFound, op, "")
	}
	c.Redeemed = redeemed
	return c, nil
}
