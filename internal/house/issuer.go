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

// KeepIssuer remembers the issuer at the first start and refuses another one
// later unless previous names the one it replaces: clients bind subjects and
// tokens to the issuer, so a change that nobody meant cuts them all off.
func (r *Rooms) KeepIssuer(ctx context.Context, issuer, previous string) error {
	return fault.At("house.KeepIssuer", r.Records.Update(ctx, func(tx store.Tx) error {
		var known string
		err := tx.QueryRow(`SELECT value FROM settings WHERE name = 'issuer'`).Scan(&known)
		switch {
		case errors.Is(err, sql.ErrNoRows), err == nil && previous != "" && known == previous:
		case err != nil:
			return err
		case known == issuer:
			return nil
		default:
			return fault.Wrap(fault.Invalid, "issuer", fmt.Errorf(
				"the issuer was %s and is now %s: if this is meant, add `previous_issuer %s` to the gatehouse block", known, issuer, known))
		}
		_, err = tx.Exec(`INSERT INTO settings (name, value) VALUES ('issuer', $1) ON CONFLICT (name) DO UPDATE SET value = $1`, issuer)
		return err
	}))
}
