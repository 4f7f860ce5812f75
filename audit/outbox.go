package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Topic is what the outbox publishes when a command has left something. Its
// changes have no key.
const Topic store.Topic = "audit"

const (
	// batch is how many entries are taken at a time.
	batch = 100
	// writeLimit bounds how long a command waits to leave one.
	writeLimit = 5 * time.Second
)

// Migrations are the tables of this package, in order.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "audit/0001", SQL: `
CREATE TABLE audit_outbox (
	id    TEXT   NOT NULL PRIMARY KEY,
	at    BIGINT NOT NULL,
	seq   BIGINT NOT NULL,
	level BIGINT NOT NULL,
	entry TEXT   NOT NULL
)`}}
}

// Outbox keeps the entries of commands until a server writes them, each once
// unless that server ends in the same moment.
type Outbox struct {
	records store.Records
	now     func() time.Time
	failed  func(error)
	seq     atomic.Int64
}

// NewOutbox makes an outbox in a store to which [Migrations] were applied. now
// is the clock, nil means time.Now; failed hears of what could not be kept or taken.
func NewOutbox(records store.Records, now func() time.Time, failed func(error)) *Outbox {
	if now == nil {
		now = time.Now
	}
	return &Outbox{records: records, now: now, failed: failed}
}

// Log gives a Log whose entries are left here.
func (o *Outbox) Log() *Log {
	return &Log{func(level zapcore.Level, _ Event, fields []zap.Field) {
		if err := o.leave(level, fields); err != nil {
			o.failed(fault.At("audit.leave", err))
		}
	}}
}

func (o *Outbox) leave(level zapcore.Level, fields []zap.Field) error {
	enc := zapcore.NewMapObjectEncoder()
	for _, f := range fields {
		f.AddTo(enc)
	}
	entry, err := json.Marshal(enc.Fields)
	if err != nil {
		return fault.Wrap(fault.Internal, "", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	return o.records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`INSERT INTO audit_outbox (id, at, seq, level, entry) VALUES ($1, $2, $3, $4, $5)`,
			secret.New(), o.now().UnixMilli(), o.seq.Add(1), int64(level), string(entry))
		if err != nil {
			return err
		}
		return tx.Publish(store.Change{Topic: Topic})
	})
}

// Run writes what commands leave to a log, until ctx ends, whose error it
// gives.
func (o *Outbox) Run(ctx context.Context, to *Log) error {
	wake, watching := make(chan struct{}, 1), make(chan error, 1)
	var owing atomic.Bool
	owing.Store(true) // what was left before
	go func() {
		watching <- o.records.Watch(ctx, func(changes []store.Change) {
			left := slices.ContainsFunc(changes, func(c store.Change) bool { return c == store.Change{} || c.Topic == Topic })
			if !owing.Swap(false) && !left {
				return
			}
			select {
			case wake <- struct{}{}:
			default:
			}
		})
	}()
	for {
		select {
		case err := <-watching:
			return err
		case <-wake:
		}
		if err := o.drain(ctx, to); err != nil && ctx.Err() == nil {
			owing.Store(true) // with the feed's next beat
			o.failed(fault.At("audit.drain", err))
		}
	}
}

// drain writes everything that is there.
func (o *Outbox) drain(ctx context.Context, to *Log) error {
	for {
		list, err := o.take(ctx)
		if err != nil {
			return err
		}
		for _, l := range list {
			event, fields := l.fields()
			to.write(l.level, event, fields)
		}
		if len(list) < batch {
			return nil
		}
	}
}

// left is one entry of the outbox.
type left struct {
	at, seq int64
	level   zapcore.Level
	entry   string
}

// take takes the oldest entries out. Looking comes first: it writes nothing.
func (o *Outbox) take(ctx context.Context) (list []left, err error) {
	var n int
	err = o.records.View(ctx, func(tx store.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM audit_outbox`).Scan(&n)
	})
	if err != nil || n == 0 {
		return nil, err
	}
	err = o.records.Update(ctx, func(tx store.Tx) error {
		list = nil
		rows, err := tx.Query(`DELETE FROM audit_outbox WHERE id IN (SELECT id FROM audit_outbox ORDER BY at, seq LIMIT $1)
			RETURNING at, seq, level, entry`, batch)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l left
			if err := rows.Scan(&l.at, &l.seq, &l.level, &l.entry); err != nil {
				return err
			}
			list = append(list, l)
		}
		return rows.Err()
	})
	slices.SortFunc(list, func(a, b left) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) })
	return list, err
}

// fields are what an entry says, the event first.
func (l left) fields() (Event, []zap.Field) {
	var said map[string]any
	if err := json.Unmarshal([]byte(l.entry), &said); err != nil {
		said = map[string]any{}
	}
	event, _ := said["event"].(string)
	delete(said, "event")
	fields := []zap.Field{zap.String("event", event)}
	for _, key := range slices.Sorted(maps.Keys(said)) {
		fields = append(fields, zap.Any(key, said[key]))
	}
	return Event(event), append(fields, zap.String("at", time.UnixMilli(l.at).UTC().Format(time.RFC3339)))
}
