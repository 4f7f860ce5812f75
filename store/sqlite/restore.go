package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Restore replaces every row by those of the database at src, in one
// transaction, while everything else goes on: who reads meanwhile sees all of
// the old or all of the new. src must have had the same migrations
// (fault.Conflict), so open and migrate it first. Watchers are told to forget
// everything.
func (r *Records) Restore(ctx context.Context, src string) error {
	const op = "sqlite.Restore"
	// A file of its own name would be made if it were not there.
	if _, err := r.write.ExecContext(ctx, "ATTACH DATABASE $1 AS backup", "file:"+uriPath(src)+"?mode=ro"); err != nil {
		return r.classify(op, err)
	}
	defer r.write.ExecContext(context.WithoutCancel(ctx), "DETACH DATABASE backup")
	err := r.update(ctx, func(tx *sql.Tx) error {
		tables, err := sameTables(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "PRAGMA defer_foreign_keys = 1"); err != nil {
			return err
		}
		for _, table := range tables {
			if err := replaceRows(ctx, tx, table); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, insertChange, "", "", r.now())
		return err
	})
	if err == nil {
		r.wakes.wake()
	}
	return r.classify(op, err)
}

// sameTables lists the owners' tables and refuses a backup with others, or with
// other migrations: its rows would be followed by migrations that ran already.
func sameTables(ctx context.Context, tx *sql.Tx) ([]string, error) {
	tables, err := listBoth(ctx, tx, `SELECT name AS item FROM %s.sqlite_master
		WHERE type = 'table' AND name NOT LIKE 'sqlite\_%%' ESCAPE '\' AND name <> 'changes'`)
	if err != nil {
		return nil, err
	}
	_, err = listBoth(ctx, tx, `SELECT id AS item FROM %s.migrations`)
	return tables, err
}

// listBoth runs query, which names items, on both databases. fault.Conflict if
// the items differ.
func listBoth(ctx context.Context, tx *sql.Tx, query string) ([]string, error) {
	var here, there string
	for schema, items := range map[string]*string{"main": &here, "backup": &there} {
		all := "SELECT coalesce(group_concat(item, ' '), '') FROM (" + fmt.Sprintf(query, schema) + " ORDER BY item)"
		if err := tx.QueryRowContext(ctx, all).Scan(items); err != nil {
			return nil, err
		}
	}
	if here != there {
		return nil, fault.Wrap(fault.Conflict, "sqlite.Restore", errors.New("the backup has other tables or migrations than this database"))
	}
	return strings.Fields(here), nil
}

// replaceRows copies one table. Columns are named, since their order may differ
// where a column was added later.
func replaceRows(ctx context.Context, tx *sql.Tx, table string) error {
	var columns string
	if err := tx.QueryRowContext(ctx, `SELECT group_concat('"' || name || '"', ', ') FROM pragma_table_info($1, 'main')`, table).Scan(&columns); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`DELETE FROM main.%q`, table)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`INSERT INTO main.%[1]q (%[2]s) SELECT %[2]s FROM backup.%[1]q`, table, columns))
	return err
}

// uriPath escapes what has a meaning in an SQLite URI.
func uriPath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}
