package client

import (
	"context"
	"maps"
	"slices"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Clients knows the registered clients, wherever they come from.
type Clients interface {
	// Client gives a client by its id, or fault.NotFound. Any other error says
	// that it can't be told, and nothing may be granted then: fault.Throttled,
	// because who asks has asked for too many that nobody here knows; or
	// [ErrSilent]; or a failure of ours. The client must not be changed.
	Client(ctx context.Context, id string) (*Client, error)
}

// Directory is [Clients] that can also be asked from the other end.
type Directory interface {
	Clients
	// AllowsOrigin tells whether scripts from a web origin may call on behalf
	// of some client, see [Client.AllowedOrigins].
	AllowsOrigin(ctx context.Context, origin string) (bool, error)
	// RedirectOrigins lists the web origins of clients' redirect addresses, each
	// once: where pages of clients are. A list that would be too long for a
	// policy is cut.
	RedirectOrigins(ctx context.Context) ([]string, error)
}

// Static are clients that are all known beforehand, by id. It must not be
// changed while it is in use.
type Static map[string]*Client

// Client implements [Clients].
func (s Static) Client(_ context.Context, id string) (*Client, error) {
	if c := s[id]; c != nil {
		return c, nil
	}
	return nil, fault.New(fault.NotFound, "client.Static", "")
}

// AllowsOrigin implements [Directory].
func (s Static) AllowsOrigin(_ context.Context, origin string) (bool, error) {
	for _, c := range s {
		if slices.Contains(c.AllowedOrigins, origin) {
			return true, nil
		}
	}
	return false, nil
}

// RedirectOrigins implements [Directory].
func (s Static) RedirectOrigins(context.Context) ([]string, error) {
	var list []string
	for _, id := range slices.Sorted(maps.Keys(s)) {
		list = append(list, s[id].Origins()...)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}
