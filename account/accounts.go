package account

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Options sets up [New]. The zero value is right for production.
type Options struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Hasher does the hashing; nil makes one of default cost. Processes that
	// make Accounts more than once (a reload) share one.
	Hasher *Hasher
	// MinPassword is the least number of characters of new passwords. Less
	// than [MinPassword] means MinPassword; 15 is a good value (LGN-13).
	MinPassword int
	// Changed hears of each change of an account, when it is stored. It must be
	// quick. nil: nobody does.
	Changed func(Changed)
}

// Accounts is everybody who may sign in. It is safe for concurrent use and
// keeps nothing in memory.
//
// Whatever form of a user name is given, the canonical one counts (see
// [identity.Canonical]).
type Accounts struct {
	records     store.Records
	hasher      *Hasher
	now         func() time.Time
	minPassword int
	tell        func(Changed)
}

// New makes Accounts over records, on which [Migrations] must have been
// applied before first use.
func New(records store.Records, opts Options) *Accounts {
	a := &Accounts{records: records, hasher: opts.Hasher, now: opts.Now, minPassword: max(opts.MinPassword, MinPassword), tell: opts.Changed}
	if a.now == nil {
		a.now = time.Now
	}
	if a.tell == nil {
		a.tell = func(Changed) {}
	}
	if a.hasher == nil {
		a.hasher = newHasher(HasherOptions{Params: DefaultParams()})
	}
	return a
}

// User gives the account of a subject as it is now. fault.NotFound if there
// is none or it was deleted, fault.Denied if it is disabled or gone from the
// Caddyfile, fault.Unavailable if the store can't tell.
func (a *Accounts) User(ctx context.Context, sub identity.Subject) (*identity.User, error) {
	const op = "account.User"
	var user *identity.User
	err := a.records.View(ctx, func(tx store.Tx) error {
		r, err := bySubject(tx, sub)
		if err != nil {
			return err
		}
		if !r.enabled() {
			return fault.New(fault.Denied, op, "This account is disabled.")
		}
		user, err = r.user(tx)
		return err
	})
	if err != nil {
		return nil, fault.At(op, err)
	}
	return user, nil
}

// Find gives the account of a user name, disabled ones too. fault.NotFound if
// there is none, fault.Invalid if it can't be a name.
func (a *Accounts) Find(ctx context.Context, username string) (*Account, error) {
	const op = "account.Find"
	name, err := canonical(op, username)
	if err != nil {
		return nil, err
	}
	var found *Account
	err = a.records.View(ctx, func(tx store.Tx) error {
		r, err := byUsername(tx, name)
		if err != nil {
			return err
		}
		list, err := describe(tx, []row{r})
		if err == nil {
			found = &list[0]
		}
		return err
	})
	if err != nil {
		return nil, fault.At(op, err)
	}
	return found, nil
}

func (a *Accounts) millis() int64 { return a.now().UnixMilli() }

// canonical is [identity.Canonical] with an error for people.
func canonical(op, username string) (string, error) {
	name, err := identity.Canonical(username)
	if err != nil {
		return "", &fault.Error{Kind: fault.Invalid, Op: op, Public: sentence(err)}
	}
	return name, nil
}
