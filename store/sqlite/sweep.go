package sqlite

import (
	"context"
	"time"
)

const (
	sweepEvery = 5 * time.Second
	// sweepBatch bounds how long a sweep keeps other writers waiting.
	sweepBatch = 500
	// keepChanges is how long a change stays readable for a watcher that
	// could not look; one that slept longer is told to forget everything.
	keepChanges = 10 * time.Minute
)

// sweep names rows that have outlived their use: due finds whether there are
// any before $1, remove deletes at most $2 of them.
type sweep struct {
	due, remove string
	age         time.Duration
}

var sweepChanges = sweep{
	due:    `SELECT EXISTS (SELECT 1 FROM changes WHERE seq = (SELECT min(seq) FROM changes) AND at <= $1)`,
	remove: `DELETE FROM changes WHERE seq IN (SELECT seq FROM changes WHERE at <= $1 ORDER BY seq LIMIT $2)`,
	age:    keepChanges,
}

// startSweeping begins the goroutine that Close ends.
func (f *file) startSweeping(sweeps ...sweep) {
	ctx, done := context.WithCancel(context.Background())
	f.done = done
	f.sweeper.Go(func() {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				// What can't be removed now is invisible anyway and is tried
				// again at the next tick.
				_ = f.sweepAll(ctx, sweeps)
			}
		}
	})
}

func (f *file) sweepAll(ctx context.Context, sweeps []sweep) error {
	for _, s := range sweeps {
		if err := f.sweepOne(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// sweepOne looks before it takes the write lock, so that an idle store is not
// written to, and gives way to other writers between batches.
func (f *file) sweepOne(ctx context.Context, s sweep) error {
	before := f.now() - s.age.Milliseconds()
	for {
		due, err := f.due(ctx, s, before)
		if err != nil || !due {
			return err
		}
		if err := f.lock(ctx); err != nil {
			return err
		}
		err = f.patiently(ctx, func() error {
			_, err := f.write.ExecContext(context.WithoutCancel(ctx), s.remove, before, sweepBatch)
			return err
		})
		f.unlock()
		if err != nil {
			return err
		}
	}
}

func (f *file) due(ctx context.Context, s sweep, before int64) (due bool, err error) {
	err = f.reading(ctx, func() error {
		return f.read.QueryRowContext(ctx, s.due, before).Scan(&due)
	})
	return due, err
}
