package registration

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// What people granted a client lies in other stores than the client, so that no
// transaction can end both. That it has to be ended is noted in the transaction
// that changes the client, and the note goes when it is done: by who changed it,
// even if they hang up, by whoever changes it next, or by the sweep.

// endingTime bounds how long ending goes on after the asker is gone.
const endingTime = 10 * time.Second

// note notes that what people granted a client has to be ended.
func note(tx store.Tx, client string, now int64) error {
	_, err := tx.Exec(`INSERT INTO client_endings (client, noted) VALUES ($1, $2)
		ON CONFLICT (client) DO UPDATE SET noted = client_endings.noted + 1`, client, now)
	return err
}

// endNoted ends what was noted for a client, if something was. It goes on when
// ctx is done.
func (r *Registrations) endNoted(ctx context.Context, client string) error {
	const op = "registration.endNoted"
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endingTime)
	defer cancel()
	var noted int64
	err := r.Records.View(ctx, func(tx store.Tx) error {
		return tx.QueryRow(`SELECT noted FROM client_endings WHERE client = $1`, client).Scan(&noted)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = r.End(ctx, client)
	}
	if err != nil {
		return fault.At(op, err)
	}
	return fault.At(op, r.Records.Update(ctx, func(tx store.Tx) error { // unless it was noted anew
		_, err := tx.Exec(`DELETE FROM client_endings WHERE client = $1 AND noted = $2`, client, noted)
		return err
	}))
}

// ended is endNoted after a change, also after one that failed: that need not
// mean that nothing was written.
func (r *Registrations) ended(ctx context.Context, client string, changed error) error {
	if err := r.endNoted(ctx, client); changed == nil {
		return err
	}
	return changed
}

// endAllNoted ends what was noted for any client, as far as it can.
func (r *Registrations) endAllNoted(ctx context.Context) error {
	var ids []string
	err := r.Records.View(ctx, func(tx store.Tx) (err error) {
		ids, err = column(tx.Query(`SELECT client FROM client_endings ORDER BY noted LIMIT $1`, sweepMost))
		return err
	})
	for _, id := range ids {
		err = errors.Join(err, r.endNoted(ctx, id))
	}
	return fault.At("registration.endAllNoted", err)
}

// column gives the texts that a query found.
func column(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}
