package keys

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// turn is how often a running ring looks whether a key is due even if nobody
// asks for one.
const turn = 10 * time.Minute

// Run keeps the ring current until ctx ends: it hears of changes by other
// processes at once and does what [Ring.Maintain] does, first of all making the
// first keys, so that nobody waits for them. failed is told about what did not
// work and will be tried again; it may be nil.
func (r *Ring) Run(ctx context.Context, failed func(error)) error {
	heard := make(chan error, 1)
	go func() { heard <- r.records.Watch(ctx, r.hear) }()
	tick := time.NewTicker(turn)
	defer tick.Stop()
	for {
		if err := r.Maintain(ctx); err != nil && failed != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case err := <-heard:
			return err
		case <-tick.C:
		case <-r.wake:
		}
	}
}

func (r *Ring) hear(changes []store.Change) {
	for _, c := range changes {
		if c == (store.Change{}) || c.Topic == store.TopicKeys {
			r.Forget()
			return
		}
	}
}

// nudge makes Run look at once.
func (r *Ring) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
