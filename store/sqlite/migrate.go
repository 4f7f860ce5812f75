package sqlite

import (
	"context"
	"fmt"
	"regexp"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

var migrationID = regexp.MustCompile(`^[a-z][a-z0-9]*/[0-9]{4}$`)

// Migrate implements [store.Records]. All migrations of all owners must be in
// one list; fault.Invalid if one is listed twice or has no proper ID.
func (r *Records) Migrate(ctx context.Context, migrations []store.Migration) error {
	listed := make(map[string]bool, len(migrations))
	for _, m := range migrations {
		if !migrationID.MatchString(m.ID) || listed[m.ID] {
			return fault.Wrap(fault.Invalid, "sqlite.Migrate", fmt.Errorf("the migration id %q is malformed or listed twice", m.ID))
		}
		listed[m.ID] = true
	}
	applied, err := r.applied(ctx, listed)
	if err != nil {
		return err
	}
	if len(applied) == len(migrations) {
		return nil
	}
	return fault.At("sqlite.Migrate", r.migrate(ctx, migrations, listed))
}

// applied looks without the write lock: usually there is nothing to do.
func (r *Records) applied(ctx context.Context, listed map[string]bool) (applied map[string]bool, err error) {
	err = r.View(ctx, func(t store.Tx) error {
		applied, err = appliedIn(t, listed)
		return err
	})
	return applied, err
}

// migrate applies what is missing, in one transaction: one wait for the disk,
// which is most of a first start, and all or nothing. Whoever holds the write
// lock looks again, since another process may have been quicker.
func (r *Records) migrate(ctx context.Context, migrations []store.Migration, listed map[string]bool) error {
	return r.Update(ctx, func(t store.Tx) error {
		applied, err := appliedIn(t, listed)
		if err != nil {
			return err
		}
		for _, m := range migrations {
			if applied[m.ID] {
				continue
			}
			if _, err := t.Exec(m.SQL); err != nil {
				return fmt.Errorf("%s: %w", m.ID, err)
			}
			if _, err := t.Exec(`INSERT INTO migrations (id, at) VALUES ($1, $2)`, m.ID, r.now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func appliedIn(t store.Tx, listed map[string]bool) (map[string]bool, error) {
	rows, err := t.Query(`SELECT id FROM migrations`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	applied := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		if !listed[id] {
			return nil, fault.New(fault.Conflict, "sqlite.Migrate", "The database was used by a newer version of this program.")
		}
		applied[id] = true
	}
	return applied, rows.Err()
}
