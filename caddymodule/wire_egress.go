package caddymodule

import (
	"context"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
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
	o.AllowPrivate, o.AllowHTTP = a.AllowPrivate, a.AllowPrivate
	configured := egress.New(o)
	stranger := func(private bool) *http.Client {
		o.AllowPrivate, o.AllowHTTP, o.OneShot = private, false, true
		return egress.New(o)
	}
	return ways{
		configured: configured,
		registered: stranger(a.Registration != nil && a.Registration.AllowPrivate),
		documented: stranger(a.ClientIDMetadata != nil && a.ClientIDMetadata.AllowPrivate),
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

// clientKeys fetches the keys of clients that have an address for them.
func clientKeys(out ways) *clientauth.Keys {
	return clientauth.NewKeys(clientauth.KeysConfig{
		HTTP: func(c *client.Client) clientauth.HTTP { return out.to(c) }, Asker: askedFrom, Now: time.Now,
	})
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
