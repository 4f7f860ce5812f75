package consent

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Migrations are this package's tables. A row is one answer; hash is that of
// person and terms, so that the same answer given again replaces it.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "consent/0001", SQL: `
CREATE TABLE consents (
	hash    TEXT   NOT NULL PRIMARY KEY,
	subject TEXT   NOT NULL,
	client  TEXT   NOT NULL,
	terms   TEXT   NOT NULL,
	granted BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX consents_subject ON consents (subject, client);
CREATE INDEX consents_expires ON consents (expires);`}}
}

const selected = `SELECT hash, terms, granted, expires FROM consents WHERE `

// query reads the rows that fit and are not over, newest first.
func (c *Consents) query(ctx context.Context, where string, args ...any) ([]Record, error) {
	var list []Record
	err := c.Records.View(ctx, func(tx store.Tx) (err error) {
		list, err = rows(tx.Query(selected+where+` ORDER BY granted DESC, hash`, args...))
		return err
	})
	now, live := c.now(), list[:0]
	for _, r := range list {
		if now.Before(r.Expires) {
			live = append(live, r)
		}
	}
	return live, err
}

// rows reads what a query gave.
func rows(found *sql.Rows, err error) (list []Record, _ error) {
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var hash, terms string
		var granted, expires int64
		if err := found.Scan(&hash, &terms, &granted, &expires); err != nil {
			return nil, err
		}
		r := Record{Granted: time.UnixMilli(granted).UTC(), Expires: time.UnixMilli(expires).UTC(), hash: hash}
		if err := json.Unmarshal([]byte(terms), &r.Terms); err != nil {
			return nil, fault.Wrap(fault.Internal, "consent.rows", err)
		}
		list = append(list, r)
	}
	return list, found.Err()
}

// replace deletes what t makes superfluous, and what is too much.
func replace(tx store.Tx, sub identity.Subject, t Terms) error {
	old, err := rows(tx.Query(selected+`subject = $1 AND client = $2 ORDER BY granted DESC, hash`, string(sub), t.Client))
	if err != nil {
		return err
	}
	kept := 1 // t itself
	for _, r := range old {
		if kept < most && !t.covers(r.Terms) {
			kept++
			continue
		}
		if _, err := tx.Exec(`DELETE FROM consents WHERE hash = $1`, r.hash); err != nil {
			return err
		}
	}
	return nil
}

// sweep deletes some rows that are over, so that what nobody comes back for is
// gone in time without work in the background.
func sweep(tx store.Tx, now int64) error {
	_, err := tx.Exec(`DELETE FROM consents WHERE hash IN
		(SELECT hash FROM consents WHERE expires <= $1 ORDER BY expires LIMIT 50)`, now)
	return err
}
