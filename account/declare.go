package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Declared is a user as the Caddyfile has them. It prints without its hash.
type Declared struct {
	Username string
	Name     string
	// Email counts as verified: whoever writes the Caddyfile vouches for it.
	Email  string
	Groups []string
	Admin  bool
	// Hash is a password hash that [ValidHash] accepts. Empty means that
	// nobody can sign in as this user with a password.
	Hash string `json:"-"`
}

// String names the user.
func (d Declared) String() string { return "user " + d.Username }

// GoString does the same for %#v.
func (d Declared) GoString() string { return d.String() }

// Declare makes the users of the Caddyfile what it says, in one transaction.
// Doing it again changes nothing. Users keep their subjects; one who is gone
// from the file is refused from then on, and back when back in the file,
// unless disabled by [Accounts.Disable]. What changed is published.
//
// fault.Invalid for a mistake in the list, fault.Exists for a name that
// belongs, or belonged, to an account from elsewhere; both name the user.
func (a *Accounts) Declare(ctx context.Context, users []Declared) error {
	return a.declareAll(ctx, users, nil)
}

// CheckDeclared gives the error that [Accounts.Declare] would give, and changes
// nothing.
func (a *Accounts) CheckDeclared(ctx context.Context, users []Declared) error {
	err := a.declareAll(ctx, users, errOnlyChecked)
	if errors.Is(err, errOnlyChecked) {
		return nil
	}
	return err
}

// errOnlyChecked takes a transaction back that went well.
var errOnlyChecked = errors.New("only checked")

// declareAll does what Declare does. after is what the transaction then ends
// with.
func (a *Accounts) declareAll(ctx context.Context, users []Declared, after error) error {
	const op = "account.Declare"
	wanted := make([]row, len(users))
	groups := make([][]string, len(users))
	seen := make(map[string]bool)
	for i, d := range users {
		var err error
		if wanted[i], groups[i], err = d.check(); err != nil {
			return err
		}
		if name := wanted[i].username; seen[name] {
			return fault.New(fault.Invalid, op, fmt.Sprintf("The user %q is declared twice.", name))
		}
		seen[wanted[i].username] = true
	}
	var done []Changed
	err := a.records.Update(ctx, func(tx store.Tx) error {
		done = nil
		for i, w := range wanted {
			change, err := a.declare(tx, w, groups[i])
			if err != nil {
				return err
			}
			if change.What != "" {
				done = append(done, change)
			}
		}
		gone, err := a.withdraw(tx, seen)
		if err != nil {
			return err
		}
		for _, r := range gone {
			c := r.became(ChangeWithdrawn, ByCaddyfile)
			c.Reduced = true
			done = append(done, c)
		}
		return after
	})
	if err == nil {
		for _, c := range done {
			a.tell(c)
		}
	}
	return fault.At(op, err)
}

func (d Declared) check() (row, []string, error) {
	const op = "account.Declare"
	refuse := func(err error) error {
		return fault.New(fault.Invalid, op, fmt.Sprintf("The user %.80q can't be used: %s", d.Username, fault.Public(err)))
	}
	name, err := canonical(op, d.Username)
	if err != nil {
		return row{}, nil, refuse(err)
	}
	r := row{username: name, admin: d.Admin, origin: OriginCaddyfile, password: encoded(d.Hash)}
	if r.name, r.email, err = profile(op, d.Name, d.Email); err != nil {
		return row{}, nil, refuse(err)
	}
	r.emailVerified = r.email != ""
	groups, err := validGroups(op, d.Groups)
	if err != nil {
		return row{}, nil, refuse(err)
	}
	if d.Hash != "" {
		if err := ValidHash(d.Hash); err != nil {
			return row{}, nil, refuse(fault.New(fault.Invalid, op, sentence(err)))
		}
	}
	return r, groups, nil
}

// declare makes or updates one user, and tells what that did: the zero Changed
// for nothing.
func (a *Accounts) declare(tx store.Tx, want row, groups []string) (Changed, error) {
	now := a.millis()
	old, err := byUsername(tx, want.username)
	if fault.Is(err, fault.NotFound) {
		want.subject, want.created, want.changed = newSubject(), now, now
		_, err := create(tx, want, "", groups) // fault.Exists if the name belonged to somebody deleted
		return want.became(ChangeAdded, ByCaddyfile), err
	}
	if err != nil {
		return Changed{}, err
	}
	if old.origin != OriginCaddyfile {
		return Changed{}, taken(tx, want.username)
	}
	want.subject, want.created, want.changed, want.lastLogin = old.subject, old.created, old.changed, old.lastLogin
	want.disabled = old.disabled
	before, err := old.user(tx)
	if err != nil {
		return Changed{}, err
	}
	regrouped, err := setGroups(tx, want.subject, "", groups)
	if err != nil || (!regrouped && want == old) {
		return Changed{}, err
	}
	want.changed = now
	if err := want.save(tx); err != nil {
		return Changed{}, err
	}
	after, err := want.user(tx)
	if err != nil {
		return Changed{}, err
	}
	c := want.became(ChangeEdited, ByCaddyfile)
	c.Reduced = old.password != want.password || less(before, after)
	return c, changed(tx, want.subject)
}

// withdraw refuses users who are no longer in the file, and gives those who were
// until now.
func (a *Accounts) withdraw(tx store.Tx, declared map[string]bool) ([]row, error) {
	rows, err := queryRows(tx, `SELECT `+columns+` FROM accounts WHERE origin = $1 AND withdrawn = 0`, string(OriginCaddyfile))
	if err != nil {
		return nil, err
	}
	var gone []row
	for _, r := range rows {
		if declared[r.username] {
			continue
		}
		r.withdrawn, r.changed = true, a.millis()
		if err := r.save(tx); err != nil {
			return nil, err
		}
		gone = append(gone, r)
	}
	for _, r := range gone {
		if err := changed(tx, r.subject); err != nil {
			return nil, err
		}
	}
	return gone, nil
}
