package login

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/page"
)

// ways are the ways in that a request may take.
type ways struct {
	local     bool
	providers []Provider
}

// ways gives what is configured and what the request's application takes.
func (h *Handler) ways(c *Context) ways {
	w := ways{local: h.Local, providers: h.Providers}
	if c == nil {
		return w
	}
	w.local = w.local && c.Local
	if c.Providers != nil {
		w.providers = filter(w.providers, func(p Provider) bool { return slices.Contains(c.Providers, p.Name()) })
	}
	// acr_values idp: is a wish; one that can't be met is not a dead end.
	only := filter(w.providers, func(p Provider) bool { return p.Name() == c.IDP })
	switch {
	case c.IDP == identity.Local && w.local:
		w.providers = nil
	case len(only) > 0:
		w.local, w.providers = false, only
	}
	return w
}

func filter(list []Provider, keep func(Provider) bool) []Provider {
	var out []Provider
	for _, p := range list {
		if keep(p) {
			out = append(out, p)
		}
	}
	return out
}

// only gives the provider that is the one way in and can be used, or false.
func (w ways) only() (Provider, bool) {
	if w.local || len(w.providers) != 1 || w.providers[0].Ready() != nil {
		return Provider{}, false
	}
	return w.providers[0], true
}

// open tells whether any way can be used now.
func (w ways) open() bool {
	return w.local || slices.ContainsFunc(w.providers, func(p Provider) bool { return p.Ready() == nil })
}

// by finds a provider by name.
func (w ways) by(name string) (Provider, bool) {
	i := slices.IndexFunc(w.providers, func(p Provider) bool { return p.Name() == name })
	if i < 0 {
		return Provider{}, false
	}
	return w.providers[i], true
}

// buttons are the providers as the page shows them. One that is down is shown
// as such; the other ways stay usable (FED-13).
func (h *Handler) buttons(w ways) []page.Provider {
	out := make([]page.Provider, len(w.providers))
	for i, p := range w.providers {
		out[i] = page.Provider{Name: p.Name(), Title: p.Title(), URL: h.base + "/login/" + p.Name(), Down: p.Ready() != nil}
	}
	return out
}
