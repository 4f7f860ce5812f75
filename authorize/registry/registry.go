package registry

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Registry is the clients of a configuration and those in the database. It
// implements [client.Directory], is immutable and safe for concurrent use.
type Registry struct {
	configured client.Static
	origins    map[string]bool // of configured
	stored     *Stored
}

// New joins the clients of a configuration, which must be valid and must not be
// changed any more, and those in the database; stored may be nil.
func New(configured client.Static, stored *Stored) *Registry {
	r := &Registry{configured: configured, origins: map[string]bool{}, stored: stored}
	for _, c := range configured {
		for _, origin := range c.AllowedOrigins {
			r.origins[origin] = true
		}
	}
	return r
}

// Client implements [client.Clients].
func (r *Registry) Client(ctx context.Context, id string) (*client.Client, error) {
	if c := r.configured[id]; c != nil || r.stored == nil {
		return r.configured.Client(ctx, id)
	}
	return r.stored.Client(ctx, id)
}

// AllowsOrigin implements [client.Directory].
func (r *Registry) AllowsOrigin(ctx context.Context, origin string) (bool, error) {
	if r.origins[origin] || r.stored == nil {
		return r.origins[origin], nil
	}
	return r.stored.AllowsOrigin(ctx, origin)
}
