package account

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// SetupLife is how long a setup link can be used.
const SetupLife = time.Hour

// NeedsSetup tells whether nobody ever had an account here. Once false it
// stays false: names that were used are kept for ever, so deleting every
// account opens nothing (LGN-12).
func (a *Accounts) NeedsSetup(ctx context.Context) (bool, error) {
	var closed bool
	err := a.records.View(ctx, func(tx store.Tx) (err error) {
		closed, err = setupClosed(tx)
		return err
	})
	return err == nil && !closed, fault.At("account.NeedsSetup", err)
}

// NewSetupLink makes the token of a one-time link, 256 bits of which only a
// hash is stored, good for [SetupLife]. fault.Spent if setup is closed.
func (a *Accounts) NewSetupLink(ctx context.Context) (string, error) {
	token := secret.New()
	now := a.now()
	err := a.records.Update(ctx, func(tx store.Tx) error {
		if err := openSetup(tx); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM setup_links WHERE expires <= $1`, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO setup_links (hash, expires) VALUES ($1, $2)`, setupHash(token), now.Add(SetupLife).UnixMilli())
		return err
	})
	if err != nil {
		return "", fault.At("account.NewSetupLink", err)
	}
	return token, nil
}

// SetupOpen tells whether [Accounts.Setup] could be called with token; it
// consumes nothing, so that a link may be looked at (REC-03). fault.Spent if
// setup is closed, fault.NotFound for an unknown or expired token.
func (a *Accounts) SetupOpen(ctx context.Context, token string) error {
	err := a.records.View(ctx, func(tx store.Tx) error { return a.checkSetup(tx, token) })
	return fault.At("account.SetupOpen", err)
}

// Setup makes the first account, an administrator, and closes setup for good
// in the same transaction. Errors are those of [Accounts.SetupOpen] and
// [Accounts.Add]; a password is needed. An account that fails leaves the link
// usable.
func (a *Accounts) Setup(ctx context.Context, token string, n NewAccount) (*identity.User, error) {
	const op = "account.Setup"
	if err := a.SetupOpen(ctx, token); err != nil { // a stranger's post costs no hash
		return nil, fault.At(op, err)
	}
	if n.Password == "" {
		return nil, fault.New(fault.Invalid, op, "A password is needed.")
	}
	n.Admin = true
	r, groups, err := a.prepare(ctx, n)
	if err != nil {
		return nil, fault.At(op, err)
	}
	r.lastLogin = r.created // the page signs its maker in
	var user *identity.User
	err = a.records.Update(ctx, func(tx store.Tx) error {
		if err := a.checkSetup(tx, token); err != nil {
			return err
		}
		if user, err = create(tx, r, "", groups); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM setup_links`)
		return err
	})
	if err != nil {
		return nil, fault.At(op, err)
	}
	a.tell(r.became(ChangeAdded, BySetup))
	return user, nil
}

func (a *Accounts) checkSetup(tx store.Tx, token string) error {
	if err := openSetup(tx); err != nil {
		return err
	}
	valid, err := exists(tx, `SELECT 1 FROM setup_links WHERE hash = $1 AND expires > $2`, setupHash(token), a.millis())
	if err == nil && !valid {
		err = fault.New(fault.NotFound, "account.Setup", "This setup link is unknown or has expired. Ask for a new one.")
	}
	return err
}

func openSetup(tx store.Tx) error {
	closed, err := setupClosed(tx)
	if err == nil && closed {
		err = fault.New(fault.Spent, "account.Setup", "Setup is finished: there was an account already.")
	}
	return err
}

func setupClosed(tx store.Tx) (bool, error) { return exists(tx, `SELECT 1 FROM used_names LIMIT 1`) }

func setupHash(token string) string { return secret.Hash("setup", token) }
