package login

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/internal/returnto"
	"github.com/gatehouse-auth/gatehouse/page"
)

// destination is where somebody goes after a login, judged anew for every
// request: when the address comes in, and when it is used (RED-01).
type destination struct {
	// url is fit to be sent as it is.
	url string
	// home tells that there was no address, or none that we believe.
	home bool
	// context is what the address is about; nil if it is of no client.
	context *Context
	// host is the guarded site's, for the eye.
	host string
}

// returnURL reads the parameter: one value, or none.
func returnURL(q url.Values) string {
	if values := q[page.FieldReturnURL]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// destination judges an address. One that we don't believe leads home: the
// person can still log in, and goes nowhere that somebody else chose. The only
// errors are those of a store that can't tell.
func (h *Handler) destination(ctx context.Context, raw string) (destination, error) {
	atHome := destination{url: h.Home, home: true}
	if raw == "" {
		return atHome, nil
	}
	addr, err := returnto.Parse(raw, append(slices.Clone(h.Sites), h.origin))
	if err != nil {
		return atHome, nil
	}
	if addr.Origin != "" && addr.Origin != h.origin {
		return destination{url: addr.String(), host: origin.Host(addr.Origin)}, nil
	}
	target := addr.Target()
	c, err := h.Contexts.Context(ctx, target)
	switch {
	case fault.Is(err, fault.NotFound):
		c = nil
	case fault.Is(err, fault.Invalid):
		return atHome, nil
	case err != nil:
		return destination{}, fault.At("login.destination", err)
	}
	if c != nil {
		if c.ReturnURL != "" {
			target = c.ReturnURL
		}
		return destination{url: target, context: c}, nil
	}
	if !h.local(addr.Path) {
		return atHome, nil
	}
	return destination{url: target, home: target == h.Home}, nil
}

// local tells whether a path of the issuer's origin may be returned to though
// it is no authorization request: our own pages for people who are signed in,
// and in single-site mode the application.
func (h *Handler) local(path string) bool {
	below, ours := strings.CutPrefix(path, h.base)
	ours = ours && (below == "" || below[0] == '/')
	if ours && (below == "/" || below == "/device" || below == "/account" || strings.HasPrefix(below, "/account/")) {
		return true
	}
	return h.SingleSite && !ours
}

// frame is what every page says about where the person comes from.
func (d destination) frame() page.Frame {
	f := page.Frame{ClientHost: d.host}
	if c := d.context; c != nil {
		f.ClientName, f.ClientLogo, f.UILocales = c.ClientName, c.ClientLogo, c.UILocales
	}
	return f
}

// client names the application for the log.
func (d destination) client() string {
	if d.context != nil {
		return d.context.ClientID
	}
	return d.host
}

// forced tells that a session at hand may not do.
func (d destination) forced() bool { return d.context != nil && d.context.Force }

// again tells that who is signed in has to prove it once more.
func (d destination) again(session *identity.Session, switching bool) bool {
	return session != nil && !switching && (d.context == nil || !d.context.Create)
}

// createURL is where somebody who has no account goes to make one. Empty: there
// is no such place, or who is signed in has one.
func (h *Handler) createURL(d destination, again bool) string {
	if h.CreateAccount == nil || again {
		return ""
	}
	if c := d.context; c != nil && c.CreatedURL != "" {
		return h.CreateAccount(c.CreatedURL, c.LoginHint, c.UILocales)
	}
	return h.CreateAccount(h.origin+h.link("/login", d), "", "")
}

// deny is where Cancel goes: a path of ours, from the context, or home.
func (h *Handler) deny(d destination) string {
	if d.context != nil && d.context.DenyURL != "" {
		return d.context.DenyURL
	}
	return h.Home
}
