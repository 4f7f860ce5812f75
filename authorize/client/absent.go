package client

import (
	"context"
	"errors"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// ErrSilent is in the chain of a fault.Unavailable of [Clients.Client] that is no
// failure of ours: the client is described at an address of its own, and nothing
// is heard from there. It may be back later.
var ErrSilent = errors.New("the address that describes the client does not answer")

// Absent tells whether an error of [Clients.Client] says that there is no such
// client, at least for now, and that this is no failure of ours: for those who
// can do without it.
func Absent(err error) bool {
	return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Throttled) || errors.Is(err, ErrSilent)
}

type vouched struct{}

// Vouch marks a context for looking up a client whose id is in something that
// was given out here, such as a token or a session: people use that client.
// An id that somebody just says is not vouched for, and what it costs to find
// out about it is counted against them.
func Vouch(ctx context.Context) context.Context { return context.WithValue(ctx, vouched{}, true) }

// Vouched tells whether a context is marked by [Vouch].
func Vouched(ctx context.Context) bool { return ctx.Value(vouched{}) != nil }
