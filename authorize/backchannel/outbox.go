package backchannel

import (
	"context"
	"database/sql"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Topic is what the outbox publishes when there is something to send. Its
// changes have no key.
const Topic store.Topic = "logout"

// Migrations are the tables of this package, in order. A row is one client to
// be told of one session: public ids and times, no secret. due is when it may
// be sent; while it is leased, when the lease ends.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "backchannel/0001", SQL: `
CREATE TABLE logout_notices (
	sid      TEXT   NOT NULL,
	client   TEXT   NOT NULL,
	subject  TEXT   NOT NULL,
	ended    BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	due      BIGINT NOT NULL,
	lease    TEXT   NOT NULL,
	PRIMARY KEY (sid, client)
);
CREATE INDEX logout_notices_due ON logout_notices (due);
CREATE INDEX logout_notices_client ON logout_notices (client, due);`}}
}

// Outbox keeps notices until they are sent. It needs no configuration, so that
// a command that ends a session while no server runs can leave them too.
type Outbox struct {
	records store.Records
	now     func() time.Time
}

// NewOutbox makes an outbox in a store to which [Migrations] were applied. now
// is the clock; nil means time.Now.
func NewOutbox(records store.Records, now func() time.Time) *Outbox {
	if now == nil {
		now = time.Now
	}
	return &Outbox{records: records, now: now}
}

// Ended takes down that a session ended and which clients know of it. Which of
// them want to be told is found out when it is sent. Being called twice changes
// nothing.
func (o *Outbox) Ended(ctx context.Context, sid string, sub identity.Subject, clients []string) error {
	if len(clients) == 0 {
		return nil
	}
	now := o.now().UnixMilli()
	return fault.At("backchannel.Ended", o.records.Update(ctx, func(tx store.Tx) error {
		for _, id := range clients {
			_, err := tx.Exec(`INSERT INTO logout_notices (sid, client, subject, ended, attempts, due, lease)
				VALUES ($1, $2, $3, $4, 0, $4, '') ON CONFLICT (sid, client) DO NOTHING`, sid, id, string(sub), now)
			if err != nil {
				return err
			}
		}
		return tx.Publish(store.Change{Topic: Topic})
	}))
}

// notice is one row that this process has leased.
type notice struct {
	sid, client string
	subject     identity.Subject
	ended       time.Time
	attempts    int // this one included
	lease       string
}

// next says when the first notice is due; the zero time if there is none.
func (o *Outbox) next(ctx context.Context) (time.Time, error) {
	var due sql.NullInt64
	err := o.records.View(ctx, func(tx store.Tx) error {
		return tx.QueryRow(`SELECT min(due) FROM logout_notices`).Scan(&due)
	})
	if err != nil || !due.Valid {
		return time.Time{}, fault.At("backchannel.next", err)
	}
	return time.UnixMilli(due.Int64), nil
}

// claim leases up to n notices that are due for a time. Of one client those
// that were tried most often come first: they find out whether it is back.
func (o *Outbox) claim(ctx context.Context, n int, lease time.Duration) ([]notice, error) {
	now, mark := o.now(), secret.New()
	var list []notice
	err := o.records.Update(ctx, func(tx store.Tx) error {
		list = nil
		rows, err := tx.Query(`UPDATE logout_notices SET lease = $1, due = $2, attempts = attempts + 1
			WHERE (sid, client) IN (SELECT sid, client FROM logout_notices WHERE due <= $3 ORDER BY due, attempts DESC LIMIT $4)
			RETURNING sid, client, subject, ended, attempts`, mark, now.Add(lease).UnixMilli(), now.UnixMilli(), n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			one, ended := notice{lease: mark}, int64(0)
			if err := rows.Scan(&one.sid, &one.client, &one.subject, &ended, &one.attempts); err != nil {
				return err
			}
			one.ended = time.UnixMilli(ended)
			list = append(list, one)
		}
		return rows.Err()
	})
	return list, fault.At("backchannel.claim", err)
}

// drop forgets a notice: it was sent, or never will be.
func (o *Outbox) drop(ctx context.Context, n notice) error {
	return fault.At("backchannel.drop", o.records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`DELETE FROM logout_notices WHERE sid = $1 AND client = $2 AND lease = $3`, n.sid, n.client, n.lease)
		return err
	}))
}

// postpone gives a notice back, to be sent again at a time, and the client's
// others with it: while it is down they would only keep others waiting.
func (o *Outbox) postpone(ctx context.Context, n notice, until time.Time) error {
	return fault.At("backchannel.postpone", o.records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`UPDATE logout_notices SET lease = '', due = $1 WHERE sid = $2 AND client = $3 AND lease = $4`,
			until.UnixMilli(), n.sid, n.client, n.lease)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE logout_notices SET due = $1 WHERE client = $2 AND lease = '' AND due < $1`, until.UnixMilli(), n.client)
		return err
	}))
}

// release gives a notice back as if it had not been taken.
func (o *Outbox) release(ctx context.Context, n notice) error {
	return fault.At("backchannel.release", o.records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`UPDATE logout_notices SET lease = '', due = $1, attempts = attempts - 1 WHERE sid = $2 AND client = $3 AND lease = $4`,
			o.now().UnixMilli(), n.sid, n.client, n.lease)
		return err
	}))
}
