package grant

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Refresh describes a family to whoever asks about it. It names no secret.
type Refresh struct {
	Authorization
	Began, Used, Expires time.Time
}

func (f family) describe() Refresh {
	return Refresh{Authorization: f.Authorization, Began: at(f.began), Used: at(f.used), Expires: at(f.expires)}
}

// Peek tells what a refresh token stands for, and uses nothing up. A token that
// is unknown, expired or replaced is fault.NotFound.
func (g *Grants) Peek(ctx context.Context, token string) (Refresh, error) {
	const op = "grant.Peek"
	f, err := g.find(ctx, token)
	if err != nil {
		return Refresh{}, fault.At(op, err)
	}
	if f.standing(token, g.now().UnixMilli()) != living {
		return Refresh{}, fault.New(fault.NotFound, op, "")
	}
	return f.describe(), fault.At(op, g.alive(ctx, f))
}

// RevokeRefresh ends the family of a token that client was given, also if the
// token was replaced since. It tells whether there was one; a token of another
// client is none (RFC 7009, section 2.1; OAU-33).
func (g *Grants) RevokeRefresh(ctx context.Context, token, client string) (bool, error) {
	const op = "grant.RevokeRefresh"
	f, err := g.find(ctx, token)
	switch {
	case fault.Is(err, fault.NotFound):
		return false, nil
	case err != nil:
		return false, fault.At(op, err)
	case f.Client != client:
		return false, nil
	}
	return true, fault.At(op, g.End(ctx, f.Family))
}

// List gives what a person's clients can renew by themselves, oldest first.
func (g *Grants) List(ctx context.Context, sub identity.Subject) ([]Refresh, error) {
	families, err := g.query(ctx, `subject = $1`, string(sub))
	var list []Refresh
	for _, f := range families {
		list = append(list, f.describe())
	}
	return list, fault.At("grant.List", err)
}

// EndSession ends what hangs on a session: every family of it but those that
// were granted for longer (SES-10).
func (g *Grants) EndSession(ctx context.Context, sid string) error {
	return fault.At("grant.EndSession", g.endAll(ctx, `sid = $1 AND offline = 0`, sid))
}

// EndSubject ends everything that was granted about a person until now, offline
// or not: for accounts that are disabled or deleted, and for signing out
// everywhere. Of access tokens it ends those of the whole second.
func (g *Grants) EndSubject(ctx context.Context, sub identity.Subject) error {
	const op = "grant.EndSubject"
	if err := g.withdraw(ctx, sub, ""); err != nil {
		return fault.At(op, err)
	}
	return fault.At(op, g.endAll(ctx, `subject = $1`, string(sub)))
}

// EndConsent ends all that a person allowed one client until now: codes on their
// way, what it can renew, and access tokens, of the whole second.
func (g *Grants) EndConsent(ctx context.Context, sub identity.Subject, client string) error {
	const op = "grant.EndConsent"
	if err := g.withdraw(ctx, sub, client); err != nil {
		return fault.At(op, err)
	}
	return fault.At(op, g.endAll(ctx, `subject = $1 AND client = $2`, string(sub), client))
}

// EndClient ends all that a client can renew, whoever allowed it: for one that
// is deleted, so that whoever is registered under the same id later gets nothing
// of it. Access tokens that no refresh token stands behind end with the client,
// and come back with its id if that is used again while they live.
func (g *Grants) EndClient(ctx context.Context, client string) error {
	return fault.At("grant.EndClient", g.endAll(ctx, `client = $1`, client))
}

// endAll ends the families that fit. Access tokens without a family that can be
// renewed end with the session they were made in.
func (g *Grants) endAll(ctx context.Context, where string, args ...any) error {
	families, err := g.query(ctx, where, args...)
	if err != nil {
		return err
	}
	for _, f := range families {
		if err := g.End(ctx, f.Family); err != nil {
			return err
		}
	}
	return nil
}

// query reads the families that fit and are not over.
func (g *Grants) query(ctx context.Context, where string, args ...any) ([]family, error) {
	if g.Records == nil {
		return nil, nil
	}
	var list []family
	err := g.Records.View(ctx, func(tx store.Tx) error {
		list = nil
		rows, err := tx.Query(`SELECT `+columns+` FROM refresh_families WHERE `+where+` ORDER BY began, handle`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			f, err := scan(rows)
			if err != nil {
				return err
			}
			if g.now().UnixMilli() < f.expires {
				list = append(list, f)
			}
		}
		return rows.Err()
	})
	return list, err
}
