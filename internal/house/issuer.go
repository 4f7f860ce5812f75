package house

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// settingMigrations is the table of what the house has to remember about
// itself.
func settingMigrations() []store.Migration {
	return []store.Migration{{ID: "house/0001", SQL: `
		CREATE TABLE settings (
			name  TEXT PRIMARY KEY,
			value TEXT NOT NULL
		)`}}
}

// CheckIssuer refuses another issuer than the one that is remembered, unless
// previous names that: clients bind subjects and tokens to the issuer, so a
// change that nobody meant cuts them all off. It changes nothing.
func (r *Rooms) CheckIssuer(ctx context.Context, issuer, previous string) error {
	return fault.At("house.CheckIssuer", r.Records.View(ctx, func(tx store.Tx) error {
		_, err := known(tx, issuer, previous)
		return err
	}))
}

// KeepIssuer checks the issuer and remembers it from now on.
func (r *Rooms) KeepIssuer(ctx context.Context, issuer, previous string) error {
	return fault.At("house.KeepIssuer", r.Records.Update(ctx, func(tx store.Tx) error {
		same, err := known(tx, issuer, previous)
		if err != nil || same {
			return err
		}
		_, err = tx.Exec(`INSERT INTO settings (name, value) VALUES ('issuer', $1) ON CONFLICT (name) DO UPDATE SET value = $1`, issuer)
		return err
	}))
}

// known tells whether issuer is the one that is remembered. One that may not
// take its place is an error.
func known(tx store.Tx, issuer, previous string) (same bool, err error) {
	var before string
	err = tx.QueryRow(`SELECT value FROM settings WHERE name = 'issuer'`).Scan(&before)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, err
	case before == issuer:
		return true, nil
	case previous != "" && before == previous:
		return false, nil
	}
	return false, fault.Wrap(fault.Invalid, "issuer", fmt.Errorf(
		"the issuer was %s and is now %s: if this is meant, add `previous_issuer %s` to the gatehouse block", before, issuer, before))
}
