package caddymodule

import (
	"maps"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// isDefaultHeader tells whether applications get a header by this name unless
// the configuration says otherwise.
func isDefaultHeader(name string) bool {
	return slices.ContainsFunc(guard.DefaultHeaders(), func(h guard.Header) bool { return strings.EqualFold(h.Name, name) })
}

// defaultHeaderNames lists those names for messages.
func defaultHeaderNames() string {
	var names []string
	for _, h := range guard.DefaultHeaders() {
		names = append(names, h.Name)
	}
	return strings.Join(names, ", ")
}

// identityHeaders are the default headers and what the configuration adds,
// replaces or takes away. Authorization is possible, because whoever writes it
// here says so. The error is about one of the configured headers.
func identityHeaders(configured map[string]string) (*guard.Headers, error) {
	written := slices.Sorted(maps.Keys(configured))
	var list []guard.Header
	for _, h := range guard.DefaultHeaders() {
		if !slices.ContainsFunc(written, func(name string) bool { return strings.EqualFold(name, h.Name) }) {
			list = append(list, h)
		}
	}
	for _, name := range written {
		if value := configured[name]; value != "" {
			list = append(list, guard.Header{Name: name, Value: value})
		}
	}
	return guard.NewHeaders(list, guard.HeaderOptions{AllowAuthorization: true})
}

// cleanedHeaders are the names that clients can't send: also the default ones
// that a configuration takes away, since applications may still believe them.
func cleanedHeaders(h *guard.Headers) []string {
	names := slices.Clone(h.Names())
	for _, h := range guard.DefaultHeaders() {
		names = append(names, h.Name)
	}
	return names
}
