package account

import (
	"context"
	"slices"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Edit says what [Accounts.Edit] changes. What is nil stays as it is.
type Edit struct {
	// Name is the display name, at most 200 characters; "" takes it away.
	Name *string
	// Email is the address; "" takes it away. It counts as verified: whoever
	// may edit accounts vouches for it.
	Email *string
	// Groups replace those assigned here. Groups that a provider gives stay
	// what the provider says.
	Groups *[]string
	// Admin makes the account an administrator, or no longer one.
	Admin *bool
}

// Edit changes an account, in one transaction, and publishes it: requests from
// then on are judged by what it says (PRX-05). It tells whether a group or the
// administrator's flag was taken away. What is open already was let in with
// that, so ending the sessions is then the caller's part.
//
// fault.Invalid with a sentence if something is no good, the user is one of the
// Caddyfile, or a provider would undo it at the next login; fault.NotFound if
// nobody is the subject.
func (a *Accounts) Edit(ctx context.Context, sub identity.Subject, e Edit) (reduced bool, err error) {
	const op = "account.Edit"
	if err := e.check(op); err != nil {
		return false, err
	}
	err = a.change(ctx, op, sub, ChangeEdited, func(tx store.Tx, r *row) error {
		if err := e.allowed(op, *r); err != nil {
			return err
		}
		before, err := r.user(tx)
		if err != nil {
			return err
		}
		if err := e.apply(tx, r); err != nil {
			return err
		}
		after, err := r.user(tx)
		if err == nil {
			reduced = less(before, after)
		}
		return err
	})
	return reduced && err == nil, err
}

// less tells whether a group or the administrator's right was taken away.
func less(before, after *identity.User) bool {
	return before.Admin && !after.Admin || slices.ContainsFunc(before.Groups, func(g string) bool { return !slices.Contains(after.Groups, g) })
}

// check looks at what is wanted, and puts it into its stored form.
func (e *Edit) check(op string) (err error) {
	var name, email string
	if e.Name != nil {
		name = *e.Name
	}
	if e.Email != nil {
		email = *e.Email
	}
	if name, email, err = profile(op, name, email); err != nil {
		return err
	}
	if e.Name != nil {
		e.Name = &name
	}
	if e.Email != nil {
		e.Email = &email
	}
	if e.Groups == nil {
		return nil
	}
	groups, err := validGroups(op, *e.Groups)
	e.Groups = &groups
	return err
}

// allowed refuses what the next start, or the next login, would undo.
func (e *Edit) allowed(op string, r row) error {
	if r.origin == OriginProvider && (e.Name != nil || e.Email != nil) {
		return fault.New(fault.Invalid, op, "The name and the address of \""+r.username+"\" come from a provider at each login; change them there.")
	}
	return ownedHere(op, r)
}

func (e *Edit) apply(tx store.Tx, r *row) error {
	if e.Name != nil {
		r.name = *e.Name
	}
	if e.Email != nil {
		r.email, r.emailVerified = *e.Email, *e.Email != ""
	}
	if e.Admin != nil {
		r.admin = *e.Admin
	}
	if e.Groups == nil {
		return nil
	}
	_, err := setGroups(tx, r.subject, "", *e.Groups)
	return err
}
