package account

import (
	"context"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Account is what an administrator sees of an account. It has no hash.
type Account struct {
	Subject       identity.Subject `json:"subject"`
	Username      string           `json:"username"`
	Name          string           `json:"name,omitempty"`
	Email         string           `json:"email,omitempty"`
	EmailVerified bool             `json:"email_verified"`
	Groups        []string         `json:"groups"`
	Admin         bool             `json:"admin"`
	// Disabled is true for users gone from the Caddyfile, too.
	Disabled bool   `json:"disabled"`
	Origin   Origin `json:"origin"`
	// Password tells whether there is one.
	Password bool `json:"password"`
	// Providers are the names of the providers it is linked to, sorted.
	Providers []string  `json:"providers"`
	Created   time.Time `json:"created"`
	Changed   time.Time `json:"changed"`
	// LastLogin is zero if there was none.
	LastLogin time.Time `json:"last_login,omitzero"`
}

// Limits of a page of [Accounts.List].
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// List gives a page of accounts ordered by user name (by code point), and the
// cursor of the next page, "" after the last. The cursor of the first page is
// "". A limit of zero means [DefaultPage]; more than [MaxPage] is cut.
func (a *Accounts) List(ctx context.Context, cursor string, limit int) ([]Account, string, error) {
	if limit <= 0 {
		limit = DefaultPage
	}
	limit = min(limit, MaxPage)
	var page []Account
	next := ""
	err := a.records.View(ctx, func(tx store.Tx) error {
		rows, err := queryRows(tx, `SELECT `+columns+` FROM accounts WHERE username > $1 ORDER BY username LIMIT $2`, cursor, limit+1)
		if err != nil {
			return err
		}
		next = ""
		if len(rows) > limit {
			rows = rows[:limit]
			next = rows[limit-1].username
		}
		page, err = describe(tx, rows)
		return err
	})
	if err != nil {
		return nil, "", fault.At("account.List", err)
	}
	return page, next, nil
}

func queryRows(tx store.Tx, query string, args ...any) ([]row, error) {
	result, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var rows []row
	for result.Next() {
		r, err := scan(result)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, result.Err()
}

// describe adds groups and providers to rows, which are ordered by name.
func describe(tx store.Tx, rows []row) ([]Account, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	first, last := rows[0].username, rows[len(rows)-1].username
	groups, err := pairs(tx, `SELECT g.subject, g.name FROM account_groups g JOIN accounts a ON a.subject = g.subject WHERE a.username >= $1 AND a.username <= $2`, first, last)
	if err != nil {
		return nil, err
	}
	providers, err := pairs(tx, `SELECT l.subject, l.provider FROM provider_links l JOIN accounts a ON a.subject = l.subject WHERE a.username >= $1 AND a.username <= $2`, first, last)
	if err != nil {
		return nil, err
	}
	out := make([]Account, len(rows))
	for i, r := range rows {
		out[i] = Account{
			Subject: r.subject, Username: r.username, Name: r.name, Email: r.email, EmailVerified: r.emailVerified,
			Groups: set(groups[r.subject]), Admin: r.admin, Disabled: !r.enabled(), Origin: r.origin, Password: r.password != "",
			Providers: set(providers[r.subject]), Created: moment(r.created), Changed: moment(r.changed), LastLogin: moment(r.lastLogin),
		}
	}
	return out, nil
}

// pairs reads a query of (subject, text).
func pairs(tx store.Tx, query string, args ...any) (map[identity.Subject][]string, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[identity.Subject][]string)
	for rows.Next() {
		var sub identity.Subject
		var text string
		if err := rows.Scan(&sub, &text); err != nil {
			return nil, err
		}
		out[sub] = append(out[sub], text)
	}
	return out, rows.Err()
}

// set sorts and is never nil, so that JSON has a list.
func set(list []string) []string {
	return append([]string{}, slices.Compact(slices.Sorted(slices.Values(list)))...)
}

func moment(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}
