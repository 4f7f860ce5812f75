package registry

import (
	"context"
	"slices"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// mostPages bounds a list of origins: some 20 KB of a header.
const mostPages = 500

// RedirectOrigins implements [client.Directory]. Those of the configuration
// come first; of all, 500 at most.
func (r *Registry) RedirectOrigins(ctx context.Context) ([]string, error) {
	list, err := r.configured.RedirectOrigins(ctx)
	if err != nil || r.stored == nil {
		return list, err
	}
	more, err := r.stored.RedirectOrigins(ctx)
	for _, origin := range more {
		if !slices.Contains(list, origin) {
			list = append(list, origin)
		}
	}
	return list[:min(len(list), mostPages)], err
}

// RedirectOrigins implements [client.Directory]: those of 500 origins, in the
// order of the clients' ids.
func (s *Stored) RedirectOrigins(ctx context.Context) ([]string, error) {
	if s.fresh(s.now().UnixMilli()) {
		if list, ok := s.pages.get(""); ok {
			return list, nil
		}
	}
	era := s.pages.era()
	var list []string
	for cursor, more := "", true; more && len(list) < mostPages; more = cursor != "" {
		entries, next, err := s.List(ctx, cursor, DefaultPage)
		if err != nil {
			return nil, fault.At("registry.RedirectOrigins", err)
		}
		for _, e := range entries {
			if e.Client != nil {
				list = append(list, e.Client.Origins()...)
			}
		}
		slices.Sort(list)
		list, cursor = slices.Compact(list), next
	}
	s.pages.put(era, "", list, true)
	return list, nil
}
