package caddymodule

import (
	"context"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// ways are the ways out to the addresses that clients name. One that came by
// itself is a stranger: what the operator's own clients may name in this network
// is not for it to name, whoever made us take it (FED-11).
type ways struct{ configured, registered, documented *http.Client }

// ways makes them; o says how long and how large an answer may be. Clients that
// registered themselves stay strangers where nobody can register any more.
func (a *App) ways(o egress.Options) ways {
	way := func(private, plain bool) *http.Client {
		o.AllowPrivate, o.AllowHTTP = private, plain
		return egress.New(o)
	}
	return ways{
		configured: way(a.AllowPrivate, a.AllowPrivate),
		registered: way(a.Registration != nil && a.Registration.AllowPrivate, false),
		documented: way(a.ClientIDMetadata != nil && a.ClientIDMetadata.AllowPrivate, false),
	}
}

// to gives the one to a client.
func (w ways) to(c *client.Client) *http.Client {
	switch {
	case c.Host() != "":
		return w.documented
	case c.Dynamic:
		return w.registered
	}
	return w.configured
}

type asker struct{}

// asking notes in the context of a request which network it comes from: what
// strangers have us fetch is counted against theirs.
func asking(r *http.Request) context.Context {
	return context.WithValue(r.Context(), asker{}, throttle.Network(clientIP(r)))
}

// askedFrom gives that network, "" for what nobody asked us for.
func askedFrom(ctx context.Context) string {
	network, _ := ctx.Value(asker{}).(string)
	return network
}
