// Package grant keeps what was granted until it is collected: authorization
// codes and access tokens.
//
// It owns their form (256 random bits, only a hash stored), their lifetimes,
// that a code is spent once, and that a replayed code ends what was issued
// from it. It does not own who may redeem a code (package token) nor whether
// a person's session is still alive.
package grant

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// The lifetimes. "A maximum authorization code lifetime of 10 minutes is
// RECOMMENDED" (RFC 6749, section 4.1.2); one minute is what a redirect needs
// (OAU-03).
const (
	CodeLife   = time.Minute
	AccessLife = 5 * time.Minute
)

// slack is what the clocks of two processes may differ by.
const slack = time.Minute

// The kinds of short-lived things kept here. An "ended" item says that
// everything of its family is dead, whenever it was issued.
const (
	kindCode  store.Kind = "code"
	kindToken store.Kind = "token"
	kindEnded store.Kind = "ended"
)

// Code is what a code stands for: the request it answers, and the login.
type Code struct {
	Client      string           `json:"client"`
	RedirectURI string           `json:"uri"`
	Challenge   string           `json:"challenge,omitempty"`
	Nonce       string           `json:"nonce,omitempty"`
	Scopes      []string         `json:"scopes"`
	Subject     identity.Subject `json:"sub"`
	SID         string           `json:"sid"`
	AuthTime    int64            `json:"auth_time"` // Unix seconds
	IDP         string           `json:"idp"`
	AMR         []string         `json:"amr,omitempty"`
	ACR         string           `json:"acr,omitempty"`
	// Family names what was issued from one code together. NewCode sets it.
	Family string `json:"family"`
	// Redeemed is the instant before the code was spent; access tokens live
	// from then on. Redeem sets it.
	Redeemed time.Time `json:"-"`
}

// Access is what an access token stands for.
type Access struct {
	Client  string           `json:"client"`
	Scopes  []string         `json:"scopes"`
	Subject identity.Subject `json:"sub"`
	SID     string           `json:"sid"`
	Family  string           `json:"family"`
}

// Grants keeps codes and tokens in a store. Now nil means time.Now; it must be
// the clock of the store.
type Grants struct {
	Shorts store.Shorts
	Now    func() time.Time
}

func (g *Grants) now() time.Time {
	if g.Now != nil {
		return g.Now()
	}
	return time.Now()
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
		if err := g.end(ctx, spent.Index.Family); err != nil {
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

// end kills a family. The mark comes first and outlives every token that the
// winner of the code can still issue, since those live from the instant before
// the code was spent: so none escapes, however late it is written.
func (g *Grants) end(ctx context.Context, family string) error {
	err := g.Shorts.Create(ctx, store.Item{
		Kind: kindEnded, Key: family, Value: []byte{}, Expires: g.now().Add(AccessLife + slack),
	})
	if err != nil && !fault.Is(err, fault.Exists) {
		return err
	}
	_, err = g.Shorts.DeleteByIndex(ctx, kindToken, store.ByFamily, family)
	return err
}

// NewAccess issues the access token for a code that was redeemed.
func (g *Grants) NewAccess(ctx context.Context, c Code) (string, error) {
	const op = "grant.NewAccess"
	value, err := json.Marshal(Access{Client: c.Client, Scopes: c.Scopes, Subject: c.Subject, SID: c.SID, Family: c.Family})
	if err != nil {
		return "", fault.Wrap(fault.Internal, op, err)
	}
	token := secret.New()
	return token, fault.At(op, g.Shorts.Create(ctx, store.Item{
		Kind: kindToken, Key: secret.Hash(token), Value: value,
		Index:   store.Index{Sub: string(c.Subject), SID: c.SID, Family: c.Family},
		Expires: c.Redeemed.Add(AccessLife),
	}))
}

// Access returns what a token stands for. A token that is unknown, expired or
// of a family that was ended is fault.NotFound.
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
	switch _, err := g.Shorts.Get(ctx, kindEnded, a.Family); {
	case err == nil:
		return Access{}, fault.New(fault.NotFound, op, "")
	case !fault.Is(err, fault.NotFound):
		return Access{}, fault.At(op, err)
	}
	return a, nil
}
