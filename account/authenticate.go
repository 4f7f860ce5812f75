package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"github.com/google/uuid"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Refusal is the cause inside every refusal of [Accounts.Authenticate], for
// the log alone: the error's kind, text and sentence are always the same, so
// that nobody else learns whether the account exists (ENU-01).
type Refusal struct {
	reason  string
	account identity.User
}

// Error is the same text for every refusal.
func (*Refusal) Error() string { return "refused" }

// Reason is a word for the log: "wrong_password", "unknown", "disabled",
// "no_password", "changed" (somebody else changed the account meanwhile).
func (r *Refusal) Reason() string { return r.reason }

// Account names the account that was tried, or nobody if there is none.
func (r *Refusal) Account() (sub identity.Subject, username string) {
	return r.account.Subject, r.account.Username
}

// refuse is the one answer to every failed login.
func refuse(reason string, r row) error {
	return &fault.Error{
		Kind: fault.Denied, Op: "account.Authenticate", Public: "The user name or the password is wrong.",
		Err: &Refusal{reason: reason, account: identity.User{Subject: r.subject, Username: r.username}},
	}
}

// Authenticate tells who signs in with a user name and a password.
//
// Every failure is the same fault.Denied, after the same work: one hash, with
// the parameters of a real account (ENU-02, ENU-04). A [Refusal] in its chain
// says why, for the log. fault.Unavailable if too many people sign in at once
// or the store fails. A success is noted as the last login, and a hash whose
// parameters are not today's is made anew (LGN-04).
func (a *Accounts) Authenticate(ctx context.Context, username, password string) (*identity.User, error) {
	const op = "account.Authenticate"
	if !acceptable(password) {
		return nil, refuse("unacceptable_password", row{}) // the same for every name: nothing was looked up
	}
	name, err := identity.Canonical(username)
	if err != nil {
		name = "" // no account has it; the work is done all the same
	}
	r, decoy, err := a.candidate(ctx, name)
	if err != nil {
		return nil, fault.At(op, err)
	}
	stored := r.password
	if stored == "" {
		stored = decoy
	}
	right, err := a.hasher.verify(ctx, stored, password)
	switch {
	case err != nil:
		return nil, fault.At(op, err)
	case r.subject == "":
		return nil, refuse("unknown", row{})
	case r.password == "":
		return nil, refuse("no_password", r)
	case !r.enabled():
		return nil, refuse("disabled", r)
	case !right:
		return nil, refuse("wrong_password", r)
	}
	user, err := a.signedIn(ctx, r, password)
	return user, fault.At(op, err)
}

// candidate reads the account of a name, if there is one, and the hash that
// stands in where there is none. Both are read for every name, so that the
// store's work is the same too.
//
// The stand-in is the hash of some real account, always the same one for the
// same name: then names that don't exist have the costs that accounts have,
// also where old Argon2 parameters and imported bcrypt hashes lie side by
// side. Subjects are random UUIDs, so a UUID made of the name picks evenly.
func (a *Accounts) candidate(ctx context.Context, name string) (r row, decoy encoded, err error) {
	sum := sha256.Sum256([]byte("stand-in " + name))
	from := uuid.UUID(sum[:16]).String()
	err = a.records.View(ctx, func(tx store.Tx) error {
		r, decoy = row{}, ""
		found, err := byUsername(tx, name)
		if err == nil {
			r = found
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		const pick = `SELECT password FROM accounts WHERE subject >= $1 AND password <> '' ORDER BY subject LIMIT 1`
		for _, start := range []string{from, ""} {
			err = tx.QueryRow(pick, start).Scan((*string)(&decoy))
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		return nil
	})
	return r, decoy, err
}

// signedIn notes the login, and a new hash if the old one is stale. Hashes of
// the Caddyfile stay as its owner wrote them.
func (a *Accounts) signedIn(ctx context.Context, checked row, password string) (*identity.User, error) {
	hash := checked.password
	if checked.origin != OriginCaddyfile && a.hasher.stale(hash) {
		if fresh, err := a.hasher.hash(ctx, password); err == nil {
			hash = fresh // else the queue is full; the next login will do it
		}
	}
	var user *identity.User
	err := a.records.Update(ctx, func(tx store.Tx) error {
		r, err := bySubject(tx, checked.subject)
		if fault.Is(err, fault.NotFound) {
			return refuse("changed", checked)
		}
		if err != nil {
			return err
		}
		// Whoever was disabled or given another password while we hashed
		// must not get in with the old one.
		if !r.enabled() || r.password != checked.password {
			return refuse("changed", checked)
		}
		r.password, r.lastLogin = hash, a.millis()
		if err := r.save(tx); err != nil {
			return err
		}
		user, err = r.user(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return user, nil
}
