package account

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// SetPassword gives an account a new password. The change is published; ending
// the account's sessions is the caller's part (SES-16), as is asking for the
// old password (LGN-14). fault.Invalid with a sentence if the password is no
// good or the user is one of the Caddyfile, fault.NotFound if nobody is.
func (a *Accounts) SetPassword(ctx context.Context, sub identity.Subject, password string) error {
	const op = "account.SetPassword"
	var r row
	err := a.records.View(ctx, func(tx store.Tx) (err error) {
		r, err = bySubject(tx, sub)
		return err
	})
	if err == nil {
		err = ownedHere(op, r)
	}
	if err == nil {
		err = a.checkNew(r.username, password)
	}
	if err != nil {
		return fault.At(op, err)
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return fault.At(op, err)
	}
	return a.change(ctx, op, sub, ChangePassword, func(_ store.Tx, r *row) error {
		r.password = hash
		return ownedHere(op, *r)
	})
}

// Disable refuses an account from the next request on. It stays disabled
// whatever a provider or the Caddyfile says, until [Accounts.Enable].
func (a *Accounts) Disable(ctx context.Context, sub identity.Subject) error {
	return a.change(ctx, "account.Disable", sub, ChangeDisabled, func(_ store.Tx, r *row) error {
		r.disabled = true
		return nil
	})
}

// Enable takes [Accounts.Disable] back. It does not bring back a user who is
// gone from the Caddyfile: fault.Invalid.
func (a *Accounts) Enable(ctx context.Context, sub identity.Subject) error {
	const op = "account.Enable"
	return a.change(ctx, op, sub, ChangeEnabled, func(_ store.Tx, r *row) error {
		if r.withdrawn {
			return fault.New(fault.Invalid, op, "The user \""+r.username+"\" is gone from the Caddyfile; declare it there again.")
		}
		r.disabled = false
		return nil
	})
}

// Delete removes an account, its groups and its links to providers. Its name
// and subject are never used again. With provisioning on, the next login
// through a provider makes a new account: to keep somebody out, disable.
// fault.Invalid for a user who is in the Caddyfile.
func (a *Accounts) Delete(ctx context.Context, sub identity.Subject) error {
	const op = "account.Delete"
	var r row
	err := a.records.Update(ctx, func(tx store.Tx) (err error) {
		if r, err = bySubject(tx, sub); err != nil {
			return err
		}
		if !r.withdrawn {
			if err := ownedHere(op, r); err != nil {
				return err
			}
		}
		for _, table := range []string{"account_groups", "provider_links", "accounts"} {
			if _, err := tx.Exec(`DELETE FROM `+table+` WHERE subject = $1`, string(sub)); err != nil {
				return err
			}
		}
		return changed(tx, sub)
	})
	if err == nil {
		a.tell(r.became(ChangeDeleted, ""))
	}
	return fault.At(op, err)
}

// change reads an account, lets f change it, writes it and publishes that, in
// one transaction.
func (a *Accounts) change(ctx context.Context, op string, sub identity.Subject, what string, f func(store.Tx, *row) error) error {
	var r row
	err := a.records.Update(ctx, func(tx store.Tx) (err error) {
		if r, err = bySubject(tx, sub); err != nil {
			return err
		}
		if err := f(tx, &r); err != nil {
			return err
		}
		r.changed = a.millis()
		if err := r.save(tx); err != nil {
			return err
		}
		return changed(tx, sub)
	})
	if err == nil {
		a.tell(r.became(what, ""))
	}
	return fault.At(op, err)
}

// ownedHere refuses what the next start would undo.
func ownedHere(op string, r row) error {
	if r.origin == OriginCaddyfile {
		return fault.New(fault.Invalid, op, "The user \""+r.username+"\" is declared in the Caddyfile; change it there, in the users block.")
	}
	return nil
}
