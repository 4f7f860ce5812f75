package grant

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Migrations are this package's tables.
//
// A family is one row, however often its token changes: the first half of a
// token names the row, and whatever comes with that half and another second
// one than expected is a token of this family that was used before.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "grant/0001", SQL: `
CREATE TABLE refresh_families (
	handle   TEXT   NOT NULL PRIMARY KEY,
	family   TEXT   NOT NULL UNIQUE,
	client   TEXT   NOT NULL,
	subject  TEXT   NOT NULL,
	sid      TEXT   NOT NULL,
	offline  BIGINT NOT NULL,
	granted  TEXT   NOT NULL,
	current  TEXT   NOT NULL,
	previous TEXT   NOT NULL,
	salt     TEXT   NOT NULL,
	rotated  BIGINT NOT NULL,
	began    BIGINT NOT NULL,
	used     BIGINT NOT NULL,
	expires  BIGINT NOT NULL
);
CREATE INDEX refresh_families_subject ON refresh_families (subject);
CREATE INDEX refresh_families_sid ON refresh_families (sid);
CREATE INDEX refresh_families_expires ON refresh_families (expires);`}}
}

// family is a row. Times are Unix milliseconds.
type family struct {
	Authorization
	handle string // hash of the half that all tokens of the family begin with
	// current is the hash of the living token; previous that of the token it
	// replaced, and salt what it was derived with. Both are empty if the token
	// never changed.
	current, previous, salt       string
	rotated, began, used, expires int64
}

const columns = `granted, handle, current, previous, salt, rotated, began, used, expires`

func scan(scanner interface{ Scan(...any) error }) (family, error) {
	var f family
	var granted string
	err := scanner.Scan(&granted, &f.handle, &f.current, &f.previous, &f.salt, &f.rotated, &f.began, &f.used, &f.expires)
	if errors.Is(err, sql.ErrNoRows) {
		return f, fault.New(fault.NotFound, "grant.family", "")
	}
	if err != nil {
		return f, err
	}
	return f, fault.Wrap(fault.Internal, "grant.family", json.Unmarshal([]byte(granted), &f.Authorization))
}

// byToken reads the family that a token belongs to, if only by its first half.
func byToken(tx store.Tx, token string) (family, error) {
	return scan(tx.QueryRow(`SELECT `+columns+` FROM refresh_families WHERE handle = $1`, secret.Hash(token[:half])))
}

// insert writes a new family.
func (f family) insert(tx store.Tx) error {
	granted, err := json.Marshal(f.Authorization)
	if err != nil {
		return err
	}
	offline := 0
	if f.Offline {
		offline = 1
	}
	_, err = tx.Exec(`INSERT INTO refresh_families (family, client, subject, sid, offline, `+columns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		f.Family, f.Client, string(f.Subject), f.SID, offline,
		string(granted), f.handle, f.current, f.previous, f.salt, f.rotated, f.began, f.used, f.expires)
	return err
}

// save writes what a use changes.
func (f family) save(tx store.Tx) error {
	_, err := tx.Exec(`UPDATE refresh_families SET current = $1, previous = $2, salt = $3, rotated = $4, used = $5, expires = $6 WHERE handle = $7`,
		f.current, f.previous, f.salt, f.rotated, f.used, f.expires, f.handle)
	return err
}

// until is when the family ends by itself, under the given limits.
func (f family) until(l Limits) int64 {
	return min(f.used+l.Idle.Milliseconds(), f.began+l.Max.Milliseconds())
}

// drop deletes a family's row.
func (g *Grants) drop(ctx context.Context, id string) error {
	if g.Records == nil {
		return nil
	}
	return g.Records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`DELETE FROM refresh_families WHERE family = $1`, id)
		return err
	})
}

// sweep deletes some rows that are over, so that what nobody comes back for is
// gone in time without work in the background.
func sweep(tx store.Tx, now int64) error {
	_, err := tx.Exec(`DELETE FROM refresh_families WHERE handle IN
		(SELECT handle FROM refresh_families WHERE expires <= $1 ORDER BY expires LIMIT 50)`, now)
	return err
}

// at is a time of a row.
func at(millis int64) time.Time { return time.UnixMilli(millis).UTC() }
