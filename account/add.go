package account

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// maxName is the most characters of a display name.
const maxName = 200

// maxGroups bounds the groups of one account: all their bytes together stay
// far below what a header or a page can carry (FED-12).
const maxGroups = 64 << 10

// NewAccount is what is known of somebody who gets a local account. It prints
// without its password.
type NewAccount struct {
	Username string `json:"username"`
	// Name is the display name, at most 200 characters.
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	// EmailVerified says that somebody proved the address.
	EmailVerified bool     `json:"email_verified,omitempty"`
	Groups        []string `json:"groups,omitempty"`
	Admin         bool     `json:"admin,omitempty"`
	// Password may be empty: then nobody can sign in with one.
	Password string `json:"-"`
}

// String gives everything but the password.
func (n NewAccount) String() string {
	text, _ := json.Marshal(n)
	return string(text)
}

// GoString does the same for %#v.
func (n NewAccount) GoString() string { return n.String() }

// Add makes a local account. fault.Invalid with a sentence if something is
// wrong with it, fault.Exists if the name is taken or ever was.
func (a *Accounts) Add(ctx context.Context, n NewAccount) (*identity.User, error) {
	const op = "account.Add"
	r, groups, err := a.prepare(ctx, n)
	if err != nil {
		return nil, fault.At(op, err)
	}
	var user *identity.User
	err = a.records.Update(ctx, func(tx store.Tx) error {
		user, err = create(tx, r, "", groups)
		return err
	})
	if err != nil {
		return nil, fault.At(op, err)
	}
	a.tell(r.became(ChangeAdded, ""))
	return user, nil
}

// prepare checks n and does the hashing, so that the transaction is short.
func (a *Accounts) prepare(ctx context.Context, n NewAccount) (row, []string, error) {
	const op = "account.prepare"
	name, err := canonical(op, n.Username)
	if err != nil {
		return row{}, nil, err
	}
	r := row{subject: newSubject(), username: name, emailVerified: n.EmailVerified, admin: n.Admin, origin: OriginLocal, created: a.millis()}
	r.changed = r.created
	if r.name, r.email, err = profile(op, n.Name, n.Email); err != nil {
		return row{}, nil, err
	}
	r.emailVerified = r.emailVerified && r.email != ""
	groups, err := validGroups(op, n.Groups)
	if err != nil {
		return row{}, nil, err
	}
	if n.Password == "" {
		return r, groups, nil
	}
	if err := a.checkNew(name, n.Password); err != nil {
		return row{}, nil, err
	}
	if taken, err := a.nameTaken(ctx, name); taken || err != nil {
		return row{}, nil, err // before the work, not instead of the check in the transaction
	}
	r.password, err = a.hasher.hash(ctx, n.Password)
	return r, groups, err
}

// nameTaken returns true together with the error that says by whom.
func (a *Accounts) nameTaken(ctx context.Context, name string) (bool, error) {
	err := a.records.View(ctx, func(tx store.Tx) error {
		used, err := nameUsed(tx, name)
		if err == nil && used {
			err = taken(tx, name)
		}
		return err
	})
	return err != nil, err
}

// create inserts an account with its groups and reads it back.
func create(tx store.Tx, r row, source string, groups []string) (*identity.User, error) {
	if err := r.insert(tx); err != nil {
		return nil, err
	}
	if _, err := setGroups(tx, r.subject, source, groups); err != nil {
		return nil, err
	}
	return r.user(tx)
}

// newSubject is a random UUID (RFC 9562, section 5.4), never made from
// anything and so never made twice. uuid.New reads crypto/rand.
func newSubject() identity.Subject { return identity.Subject(uuid.New().String()) }

// profile checks a display name and an address; both may be empty.
func profile(op, name, email string) (string, string, error) {
	name = strings.TrimSpace(name)
	if utf8.RuneCountInString(name) > maxName || !plain(name) {
		return "", "", fault.New(fault.Invalid, op, "The name has at most 200 characters and no control characters.")
	}
	if email == "" {
		return name, "", nil
	}
	email, err := identity.ValidEmail(email)
	if err != nil {
		return "", "", &fault.Error{Kind: fault.Invalid, Op: op, Public: sentence(err)}
	}
	return name, email, nil
}

// plain tells whether text can stand in a header, a log and a page without
// hiding or turning round what is beside it.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Noncharacter_Code_Point)
	})
}

// validGroups sorts and checks the names of groups.
func validGroups(op string, groups []string) ([]string, error) {
	size := 0
	for _, g := range groups {
		if err := identity.ValidGroup(g); err != nil {
			return nil, &fault.Error{Kind: fault.Invalid, Op: op, Public: sentence(err)}
		}
		size += len(g) + 1
	}
	if size > maxGroups {
		return nil, fault.New(fault.Invalid, op, "An account has at most 64 kB of groups.")
	}
	return slices.Compact(slices.Sorted(slices.Values(groups))), nil
}
