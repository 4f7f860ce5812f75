package store

import (
	"context"
	"database/sql"
)

// Records is a transactional SQL database.
//
// Statements are written once for every back end: placeholders $1, $2, …;
// column types TEXT, BIGINT and BLOB (a back end translates BLOB if it must);
// times are BIGINT Unix milliseconds, booleans BIGINT 0 or 1; `ON CONFLICT …
// DO UPDATE`, `DELETE … RETURNING` and `UPDATE … RETURNING` may be used.
type Records interface {
	// Migrate applies the migrations that have not been applied yet, in the
	// given order, all in one transaction, also when several processes start at
	// once: a failure leaves the database to the program that used it before. A
	// database that holds a migration nobody listed was made by a newer program:
	// fault.Conflict. It must be called before the first View or Update.
	Migrate(ctx context.Context, migrations []Migration) error

	// View runs f in a read-only transaction: all of f sees one state.
	View(ctx context.Context, f func(Tx) error) error

	// Update runs f in a read-write transaction, serialised with every other
	// Update. An error from f, or a panic, changes nothing. What f published
	// is seen by watchers only if the transaction commits. f may run more
	// than once.
	Update(ctx context.Context, f func(Tx) error) error

	Watcher
}

// Tx is a running transaction. It must not be used after the function it was
// given to returns. Errors of its methods come back from View and Update with
// kinds: fault.Exists for a violated uniqueness, fault.Unavailable for a full
// disk or an unreachable database.
type Tx interface {
	Exec(query string, args ...any) (sql.Result, error)
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
	// Publish tells watchers of every process about a change, at commit.
	Publish(changes ...Change) error
}

// Migration is one step of an owner's schema. Its ID never changes once
// released: owner, slash, four digits ("account/0001").
type Migration struct {
	ID  string
	SQL string
}
