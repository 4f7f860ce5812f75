package registration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Bounds of an initial token.
const (
	MaxUses = 10_000
	MaxLife = 366 * 24 * time.Hour
)

// maxTokens bounds how many initial tokens there can be at a time.
const maxTokens = 1000

// idLength is how much of a token's hash names it: enough to tell tokens apart.
const idLength = 12

// Token is an initial access token (RFC 7591, section 3), as whoever made it
// sees it.
type Token struct {
	ID string `json:"id"`
	// Name is a note.
	Name    string    `json:"name,omitempty"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	// Uses is how many clients can yet be registered by it.
	Uses int `json:"uses"`
}

// AddToken makes an initial token for so many clients and so long, which is given
// once and kept as a hash. fault.Invalid: a bound is passed; fault.Conflict:
// there are too many.
func (r *Registrations) AddToken(ctx context.Context, name string, uses int, life time.Duration) (plain string, t Token, err error) {
	const op = "registration.AddToken"
	switch {
	case uses < 1 || uses > MaxUses:
		return "", Token{}, fault.New(fault.Invalid, op, fmt.Sprintf("A token can be used once to %d times.", MaxUses))
	case life < time.Minute || life > MaxLife:
		return "", Token{}, fault.New(fault.Invalid, op, "A token is good for a minute to 366 days.")
	case utf8.RuneCountInString(name) > 100 || !utf8.ValidString(name):
		return "", Token{}, fault.New(fault.Invalid, op, "The name of a token has at most 100 characters.")
	}
	hash, now := "-", r.now()
	for hash[0] == '-' { // which a command would take for an option
		plain = secret.New()
		hash = secret.Hash(plain)
	}
	t = Token{ID: hash[:idLength], Name: name, Created: now, Expires: now.Add(life), Uses: uses}
	err = r.Records.Update(ctx, func(tx store.Tx) error {
		if err := dropTokens(tx, now.UnixMilli()); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(`SELECT COUNT(*) FROM initial_tokens`).Scan(&n); err != nil {
			return err
		}
		if n >= maxTokens {
			return fault.New(fault.Conflict, op, "There are too many tokens: delete some.")
		}
		_, err := tx.Exec(`INSERT INTO initial_tokens (id, hash, name, created, expires, uses) VALUES ($1, $2, $3, $4, $5, $6)`,
			t.ID, hash, name, now.UnixMilli(), t.Expires.UnixMilli(), uses)
		return err
	})
	if err != nil {
		return "", Token{}, fault.At(op, err)
	}
	return plain, t, nil
}

// Tokens lists the initial tokens that are good, the newest first.
func (r *Registrations) Tokens(ctx context.Context) (list []Token, err error) {
	err = r.Records.View(ctx, func(tx store.Tx) error {
		list = nil
		rows, err := tx.Query(`SELECT id, name, created, expires, uses FROM initial_tokens WHERE expires > $1 AND uses > 0 ORDER BY created DESC, id`, r.now().UnixMilli())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t Token
			var created, expires int64
			if err := rows.Scan(&t.ID, &t.Name, &created, &expires, &t.Uses); err != nil {
				return err
			}
			t.Created, t.Expires = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
			list = append(list, t)
		}
		return rows.Err()
	})
	return list, fault.At("registration.Tokens", err)
}

// DeleteToken ends an initial token. Clients that registered by it stay.
// fault.NotFound.
func (r *Registrations) DeleteToken(ctx context.Context, id string) error {
	const op = "registration.DeleteToken"
	return fault.At(op, r.Records.Update(ctx, func(tx store.Tx) error {
		out, err := tx.Exec(`DELETE FROM initial_tokens WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if n, err := out.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return fault.New(fault.NotFound, op, "There is no such token: `client token list` shows the ids.")
	}))
}

// good tells whether a client can be registered by an initial token, and uses
// nothing up. fault.Denied if not.
func (r *Registrations) good(ctx context.Context, plain string) error {
	const op = "registration.good"
	if !secret.Valid(plain) {
		return fault.Wrap(fault.Denied, op, errToken)
	}
	var is bool
	err := r.Records.View(ctx, func(tx store.Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM initial_tokens WHERE hash = $1 AND expires > $2 AND uses > 0)`, secret.Hash(plain), r.now().UnixMilli()).Scan(&is)
	})
	if err == nil && !is {
		err = fault.Wrap(fault.Denied, op, errToken)
	}
	return fault.At(op, err)
}

var errToken = errors.New("the initial access token is unknown, expired or used up")

// spend takes one use of an initial token. Updates come one after the other, so
// that of many who bring the last use one has it.
func spend(tx store.Tx, plain string, now int64) error {
	var left int
	err := tx.QueryRow(`UPDATE initial_tokens SET uses = uses - 1 WHERE hash = $1 AND expires > $2 AND uses > 0 RETURNING uses`, secret.Hash(plain), now).Scan(&left)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(fault.Denied, "registration.spend", errToken)
	}
	return err
}

// dropTokens removes the initial tokens that are worth nothing any more.
func dropTokens(tx store.Tx, now int64) error {
	_, err := tx.Exec(`DELETE FROM initial_tokens WHERE expires <= $1 OR uses <= 0`, now)
	return err
}
