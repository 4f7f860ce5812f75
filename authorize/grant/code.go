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

// maxCode is how long a code can be that carries what it stands for: it travels
// in an address. Most have a third of that.
const maxCode = 2048

// Code is what a code stands for: what was allowed, and the request it answers.
type Code struct {
	// Authorization's Family is set by NewCode and AllowDevice, and no other
	// code's: by it a code is known to be spent.
	Authorization
	// Redirect is the hash of the redirect_uri, which may be long.
	Redirect  string `json:"uri,omitempty"`
	Challenge string `json:"challenge,omitempty"`
	Nonce     string `json:"nonce,omitempty"`
	// Issued and Until are in Unix milliseconds: what is withdrawn from Issued on
	// takes the code along; from Until on it is of no use any more, though it is
	// still known. NewCode and AllowDevice set them.
	Issued int64 `json:"iat"`
	Until  int64 `json:"until"`
	// Redeemed is the instant before the code was spent; access tokens live
	// from then on. Redeem sets it.
	Redeemed time.Time `json:"-"`
}

// begin makes c the code of a new family.
func (c *Code) begin(from, until time.Time) {
	c.Family, c.Issued, c.Until = secret.New(), from.UnixMilli(), until.UnixMilli()
}

// forgotten is when nobody asks any more whether c was spent: as long as an access
// token may live that came of it, a replay shall end that token (OAU-07).
func (c *Code) forgotten() time.Time { return time.UnixMilli(c.Until).Add(MaxAccessLife) }

// NewCode returns the code for c, which is c itself, sealed: nothing is written
// before it is spent. No two are equal, nor can one be guessed (OAU-03): each has
// a family of 256 random bits. One that would be too long for an address is kept.
//
// from is the instant before it was looked whether the person is signed in and
// allows this: what they take back after that look takes the code along, though it
// may be made later.
func (g *Grants) NewCode(ctx context.Context, c Code, from time.Time) (string, error) {
	const op = "grant.NewCode"
	c.begin(from, g.now().Add(CodeLife))
	code, err := g.seal(ctx, asCode, c)
	if err == nil && len(code) > maxCode {
		code = secret.New()
		err = g.keep(ctx, kindCode, secret.Hash(code), c)
	}
	return code, fault.At(op, err)
}

// AllowDevice keeps what somebody allowed a device (RFC 8628), until then. key is
// the hash of its device code, and used once. from is as in [Grants.NewCode].
func (g *Grants) AllowDevice(ctx context.Context, key string, a Authorization, from, until time.Time) error {
	c := Code{Authorization: a}
	c.begin(from, until)
	return fault.At("grant.AllowDevice", g.keep(ctx, kindDevice, key, c))
}

// keep stores what can be taken once.
func (g *Grants) keep(ctx context.Context, kind store.Kind, key string, c Code) error {
	value, err := json.Marshal(c)
	if err != nil {
		return fault.Wrap(fault.Internal, "grant.keep", err)
	}
	return g.Shorts.Create(ctx, store.Item{Kind: kind, Key: key, Value: value, Index: store.Index{Family: c.Family}, Expires: c.forgotten()})
}

// Redeem spends a code and returns what it stands for, to exactly one caller
// (OAU-06, OAU-08). A code that is unknown or expired, or whose person took back
// what they allowed, is fault.NotFound. One that was spent before is fault.Spent,
// and everything issued from it is dead when Redeem returns: "If an authorization
// code is used more than once, the authorization server MUST deny the request and
// SHOULD revoke (when possible) all tokens previously issued based on that
// authorization code" (RFC 6749, section 4.1.2; OAU-07). That includes what a
// parallel winner is about to issue.
func (g *Grants) Redeem(ctx context.Context, code string) (Code, error) {
	const op = "grant.Redeem"
	redeemed := g.now()
	if secret.Valid(code) {
		c, err := g.take(ctx, kindCode, secret.Hash(code), redeemed)
		return c, fault.At(op, err)
	}
	var c Code
	if err := g.open(ctx, asCode, code, &c); err != nil {
		return Code{}, fault.At(op, err)
	}
	// Of all who come with the code one makes the mark.
	err := g.Shorts.Create(ctx, store.Item{Kind: kindSpent, Key: c.Family, Value: []byte{}, Expires: c.forgotten()})
	switch {
	case fault.Is(err, fault.Exists):
		return Code{}, g.betrayed(ctx, op, c.Family)
	case err != nil:
		return Code{}, fault.At(op, err)
	}
	c, err = g.spent(ctx, c, redeemed)
	return c, fault.At(op, err)
}

// RedeemDevice is [Grants.Redeem] for what [Grants.AllowDevice] kept.
func (g *Grants) RedeemDevice(ctx context.Context, key string) (Code, error) {
	c, err := g.take(ctx, kindDevice, key, g.now())
	return c, fault.At("grant.RedeemDevice", err)
}

// take is Redeem for what was kept.
func (g *Grants) take(ctx context.Context, kind store.Kind, key string, redeemed time.Time) (Code, error) {
	const op = "grant.take"
	item, err := g.Shorts.Take(ctx, kind, key, "")
	if taken, ok := errors.AsType[*store.SpentError](err); ok {
		return Code{}, g.betrayed(ctx, op, taken.Index.Family)
	}
	if err != nil {
		return Code{}, fault.At(op, err)
	}
	var c Code
	if err := json.Unmarshal(item.Value, &c); err != nil {
		return Code{}, fault.Wrap(fault.Internal, op, err)
	}
	return g.spent(ctx, c, redeemed)
}

// spent judges what was just spent, by whoever did it. Whether the family was ended
// is not asked: of those who come at once one wins (OAU-08), though a replay leaves
// nothing alive of what that one gets.
func (g *Grants) spent(ctx context.Context, c Code, redeemed time.Time) (Code, error) {
	const op = "grant.spent"
	c.Redeemed = redeemed
	if redeemed.UnixMilli() >= c.Until {
		return Code{}, fault.New(fault.NotFound, op, "")
	}
	a := c.Authorization
	a.Family = ""
	if err := g.stands(ctx, a, time.UnixMilli(c.Issued), []string{c.Client}); err != nil {
		return Code{}, fault.At(op, err)
	}
	return c, nil
}
