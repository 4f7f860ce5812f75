package backchannel

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Delay is how long to wait after a failure.
var Delay = delay

// Pending counts the notices that wait or are under way.
func (o *Outbox) Pending(ctx context.Context) (int, error) {
	var n int
	err := o.records.View(ctx, func(tx store.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM logout_notices`).Scan(&n)
	})
	return n, err
}
