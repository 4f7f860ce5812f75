package account

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Origin says where an account came from.
type Origin string

// The origins.
const (
	OriginLocal     Origin = "local"     // made by the command, an administrator or setup
	OriginCaddyfile Origin = "caddyfile" // declared in the Caddyfile
	OriginProvider  Origin = "provider"  // made at the first login through a provider
)

// row is one account as it is stored. Times are Unix milliseconds.
type row struct {
	subject                     identity.Subject
	username, name, email       string
	emailVerified               bool
	password                    encoded
	disabled, withdrawn, admin  bool
	origin                      Origin
	created, changed, lastLogin int64
}

// String names the account. Without it %v would print the hash, for fmt calls
// no methods of unexported fields.
func (r row) String() string { return "account " + r.username }

// GoString does the same for %#v.
func (r row) GoString() string { return r.String() }

const columns = `subject, username, name, email, email_verified, password, disabled, withdrawn, admin, origin, created, changed, last_login`

// enabled tells whether the account may be used. Withdrawn is separate from
// disabled so that a person who was disabled stays so when the Caddyfile
// names them again.
func (r row) enabled() bool { return !r.disabled && !r.withdrawn }

func scan(scanner interface{ Scan(...any) error }) (row, error) {
	var r row
	err := scanner.Scan(&r.subject, &r.username, &r.name, &r.email, &r.emailVerified, (*string)(&r.password),
		&r.disabled, &r.withdrawn, &r.admin, &r.origin, &r.created, &r.changed, &r.lastLogin)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, fault.New(fault.NotFound, "account", "There is no such account.")
	}
	return r, err
}

func bySubject(tx store.Tx, sub identity.Subject) (row, error) {
	return scan(tx.QueryRow(`SELECT `+columns+` FROM accounts WHERE subject = $1`, string(sub)))
}

func byUsername(tx store.Tx, name string) (row, error) {
	return scan(tx.QueryRow(`SELECT `+columns+` FROM accounts WHERE username = $1`, name))
}

// insert gives the account its name for good. fault.Exists if the name was
// ever used, also by somebody who is gone.
func (r row) insert(tx store.Tx) error {
	used, err := nameUsed(tx, r.username)
	if err != nil {
		return err
	}
	if used {
		return taken(tx, r.username)
	}
	if _, err := tx.Exec(`INSERT INTO used_names (username, subject, since) VALUES ($1, $2, $3)`, r.username, string(r.subject), r.created); err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO accounts (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(r.subject), r.username, r.name, r.email, bit(r.emailVerified), string(r.password), bit(r.disabled), bit(r.withdrawn),
		bit(r.admin), string(r.origin), r.created, r.changed, r.lastLogin)
	return err
}

// save writes everything that can change.
func (r row) save(tx store.Tx) error {
	_, err := tx.Exec(`UPDATE accounts SET name = $1, email = $2, email_verified = $3, password = $4, disabled = $5, withdrawn = $6,
		admin = $7, changed = $8, last_login = $9 WHERE subject = $10`,
		r.name, r.email, bit(r.emailVerified), string(r.password), bit(r.disabled), bit(r.withdrawn), bit(r.admin), r.changed, r.lastLogin, string(r.subject))
	return err
}

// user makes the shared view of the account, with its groups.
func (r row) user(tx store.Tx) (*identity.User, error) {
	groups, err := texts(tx, `SELECT DISTINCT name FROM account_groups WHERE subject = $1`, string(r.subject))
	if err != nil {
		return nil, err
	}
	slices.Sort(groups) // here, not in SQL: back ends collate differently
	return &identity.User{
		Subject: r.subject, Username: r.username, Name: r.name, Email: r.email, EmailVerified: r.emailVerified,
		Groups: groups, Admin: r.admin,
	}, nil
}

// setGroups replaces the groups that came from source: "" for those assigned
// here, else a provider's name. It tells whether that changed anything.
func setGroups(tx store.Tx, sub identity.Subject, source string, groups []string) (bool, error) {
	old, err := texts(tx, `SELECT name FROM account_groups WHERE subject = $1 AND source = $2`, string(sub), source)
	if err != nil {
		return false, err
	}
	slices.Sort(old)
	if slices.Equal(old, groups) {
		return false, nil
	}
	if _, err := tx.Exec(`DELETE FROM account_groups WHERE subject = $1 AND source = $2`, string(sub), source); err != nil {
		return false, err
	}
	for _, g := range groups {
		if _, err := tx.Exec(`INSERT INTO account_groups (subject, source, name) VALUES ($1, $2, $3)`, string(sub), source, g); err != nil {
			return false, err
		}
	}
	return true, nil
}

// texts reads a query of one text column.
func texts(tx store.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func nameUsed(tx store.Tx, name string) (bool, error) {
	return exists(tx, `SELECT 1 FROM used_names WHERE username = $1`, name)
}

func exists(tx store.Tx, query string, args ...any) (bool, error) {
	var one int
	err := tx.QueryRow(query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// taken explains why a used name can't be had.
func taken(tx store.Tx, name string) error {
	const op = "account.names"
	r, err := byUsername(tx, name)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.Exists, op, "The user name \""+name+"\" belonged to an account that was deleted; names are never given out twice.")
	case err != nil:
		return err
	}
	return fault.New(fault.Exists, op, "The user name \""+name+"\" is taken by "+r.origin.phrase()+".")
}

func (o Origin) phrase() string {
	switch o {
	case OriginCaddyfile:
		return "a user of the Caddyfile"
	case OriginProvider:
		return "an account from a provider"
	}
	return "a local account"
}

// changed publishes that whoever remembers this account must forget it.
func changed(tx store.Tx, sub identity.Subject) error {
	return tx.Publish(store.Change{Topic: store.TopicSubject, Key: string(sub)})
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// sentence makes an error text a sentence: "a user name …" → "A user name … .".
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
