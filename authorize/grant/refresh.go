package grant

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// The lifetimes of refresh tokens unless their client says otherwise (OAU-38).
const (
	RefreshIdle   = 15 * 24 * time.Hour
	RefreshMaxAge = 30 * 24 * time.Hour
)

// grace is how long a client whose answer was lost may ask again with the token
// that was just replaced (OAU-31).
const grace = 10 * time.Second

// half is the length of each half of a refresh token: two values of package
// secret. The first names the family and stays; the second changes when the
// token does.
const half = 43

// Limits end a refresh token: Idle counts from its last use, Max from the
// authorization.
type Limits struct{ Idle, Max time.Duration }

// Use says who brings a refresh token, and by which rules.
type Use struct {
	Client string
	Limits Limits
	// Rotate has a token that is bound to no key replaced by a successor. Else
	// it stays (OAU-31).
	Rotate bool
	// Check judges the rest of the request before anything changes, outside
	// any transaction. Its error is returned as it is. Required.
	Check func(Authorization) error
}

// Renewal is what a refresh token stands for, and the one to use next time.
type Renewal struct {
	Authorization
	Token string
	// From is the instant before the token was looked at: see [Grants.End].
	From time.Time
}

// valid tells whether token has the form of a refresh token.
func valid(token string) bool {
	return len(token) == 2*half && secret.Valid(token[:half]) && secret.Valid(token[half:])
}

// successor derives the token that replaces token. Nothing but hashes and a
// salt is stored, and yet whoever asks twice gets the same answer twice: it
// takes the old token, which only the client has, and the salt, which only we
// have. Keeping the successor sealed would instead put every living token
// within reach of whoever has the database and the master key.
func successor(token, salt string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("refresh token\x00" + salt))
	return token[:half] + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// NewRefresh begins a family and returns its refresh token. from is the instant
// before what it comes of was looked at. If the family was ended meanwhile, as by
// the replay of the code, or what it comes of taken back, it is fault.NotFound:
// whoever ends it marks it first and then deletes the row that is written here
// before the mark is looked for, so that one of the two sees the other.
func (g *Grants) NewRefresh(ctx context.Context, a Authorization, from time.Time, l Limits) (string, error) {
	const op = "grant.NewRefresh"
	if a.Family == "" || g.Records == nil {
		return "", fault.New(fault.Internal, op, "")
	}
	token, now := secret.New()+secret.New(), g.now().UnixMilli()
	f := family{Authorization: a, handle: secret.Hash(token[:half]), current: secret.Hash(token), began: from.UnixMilli(), used: now}
	f.expires = f.until(l)
	err := g.Records.Update(ctx, func(tx store.Tx) error {
		if err := sweep(tx, now); err != nil {
			return err
		}
		return f.insert(tx)
	})
	if err != nil {
		return "", fault.At(op, err)
	}
	if err := g.unmarked(ctx, f); err != nil {
		return "", fault.At(op, err)
	}
	return token, nil
}

// standing is what a token is to its family.
type standing int

const (
	stale  standing = iota // it was replaced, or never was one
	retry                  // it was replaced a moment ago, and the successor is unused
	living                 // it is the one in use
)

func (f family) standing(token string, now int64) standing {
	hash := secret.Hash(token)
	switch {
	case secret.Equal(hash, f.current):
		return living
	case f.previous == "" || !secret.Equal(hash, f.previous) || now-f.rotated > grace.Milliseconds():
		return stale
	case secret.Equal(secret.Hash(successor(token, f.salt)), f.current):
		return retry
	}
	return stale
}

// Refresh uses a refresh token. fault.NotFound: it is unknown or expired.
// fault.Spent: it was used before, or another client brought it; whoever that
// was, the token is in wrong hands, and the family is dead when Refresh returns
// (RFC 9700, section 4.14.2; OAU-31). However many bring the same token at
// once, they get one successor between them.
func (g *Grants) Refresh(ctx context.Context, token string, use Use) (Renewal, error) {
	const op = "grant.Refresh"
	from := g.now()
	f, err := g.find(ctx, token)
	if err != nil {
		return Renewal{}, fault.At(op, err)
	}
	now := from.UnixMilli()
	switch {
	case now >= f.until(use.Limits):
		return Renewal{}, fault.New(fault.NotFound, op, "")
	case f.Client != use.Client || f.standing(token, now) == stale:
		return Renewal{}, g.betrayed(ctx, op, f.Family)
	}
	if err := g.unmarked(ctx, f); err != nil {
		return Renewal{}, fault.At(op, err)
	}
	if err := use.Check(f.Authorization); err != nil {
		return Renewal{}, err
	}
	next, err := g.turn(ctx, token, use, now)
	if fault.Is(err, fault.Spent) {
		return Renewal{}, g.betrayed(ctx, op, f.Family)
	}
	return Renewal{Authorization: f.Authorization, Token: next, From: from}, fault.At(op, err)
}

// alive is nil unless a family was ended: fault.NotFound.
func (g *Grants) alive(ctx context.Context, f family) error {
	return g.stands(ctx, f.Authorization, at(f.began), []string{f.Client})
}

// unmarked finishes what an End left undone that failed halfway.
func (g *Grants) unmarked(ctx context.Context, f family) error {
	err := g.alive(ctx, f)
	if fault.Is(err, fault.NotFound) {
		if failed := g.End(ctx, f.Family); failed != nil {
			return failed
		}
	}
	return err
}

// betrayed ends a family whose code or token somebody has who should not.
func (g *Grants) betrayed(ctx context.Context, op, family string) error {
	if err := g.End(ctx, family); err != nil {
		return fault.At(op, err)
	}
	return fault.New(fault.Spent, op, "")
}

// turn notes the use and gives the token for the next one. What was found
// before is looked at again, since here everybody is alone.
func (g *Grants) turn(ctx context.Context, token string, use Use, now int64) (next string, err error) {
	err = g.Records.Update(ctx, func(tx store.Tx) error {
		f, err := byToken(tx, token)
		if err != nil {
			return err
		}
		switch f.standing(token, now) {
		case stale:
			return fault.New(fault.Spent, "grant.turn", "")
		case retry:
			next = successor(token, f.salt)
		case living:
			next = token
			if use.Rotate && !f.Binding.Bound() {
				f.salt = secret.New()
				next = successor(token, f.salt)
				f.previous, f.current, f.rotated = f.current, secret.Hash(next), now
			}
		}
		f.used = max(f.used, now)
		f.expires = f.until(use.Limits)
		return f.save(tx)
	})
	return next, err
}

// find reads the family of a token, whatever its standing.
func (g *Grants) find(ctx context.Context, token string) (family, error) {
	if !valid(token) || g.Records == nil {
		return family{}, fault.New(fault.NotFound, "grant.find", "")
	}
	var f family
	err := g.Records.View(ctx, func(tx store.Tx) (err error) {
		f, err = byToken(tx, token)
		return err
	})
	if err == nil && g.now().UnixMilli() >= f.expires {
		err = fault.New(fault.NotFound, "grant.find", "")
	}
	return f, err
}
