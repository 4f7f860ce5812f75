package caddymodule

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// pushes limits the requests that are pushed in public clients' names, by
// address: an office behind one signs in less often, and whoever floods from one
// keeps nobody else out.
func (s *service) pushes() func(*http.Request, string) error {
	limit := limits(s.rooms.Shorts, "pushed ", throttle.Config{
		Attempts: 300, AccountAttempts: math.MaxInt32, AddressAttempts: 300, Window: pushed.PendingLife, Lock: pushed.Life,
	})
	return func(r *http.Request, clientID string) error {
		_, err := limit.Attempt(r.Context(), clientID, clientIP(r))
		return err
	}
}

// apart keeps counters of the same names apart from others.
type apart struct {
	counter throttle.Counter
	prefix  string
}

// Count implements throttle.Counter.
func (a apart) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	return a.counter.Count(ctx, a.prefix+key, delta, window)
}

// attempts is a throttle as package device sees it.
type attempts struct{ *throttle.Throttle }

func limits(counter throttle.Counter, prefix string, c throttle.Config) attempts {
	return attempts{throttle.New(apart{counter, prefix}, func() throttle.Config { return c }, throttle.Options{})}
}

// Attempt implements device.Limits.
func (l attempts) Attempt(ctx context.Context, who string, from netip.Addr) (device.Attempt, error) {
	return l.Throttle.Attempt(ctx, who, from)
}
