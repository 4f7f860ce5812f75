package memory

import (
	"container/heap"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// maxPage is the longest page of a list, whatever was asked for.
const maxPage = 1000

// memberships are the index sets an entry is in.
func (e *entry) memberships() [3]indexed {
	return [3]indexed{
		{e.kind, store.BySub, e.belongs.Sub},
		{e.kind, store.BySID, e.belongs.SID},
		{e.kind, store.ByFamily, e.belongs.Family},
	}
}

func (s *Shorts) index(e *entry) {
	join(s.kinds, e.kind, e.key)
	for _, m := range e.memberships() {
		if m.value != "" {
			join(s.indexes, m, e.key)
		}
	}
}

func (s *Shorts) unindex(e *entry) {
	leave(s.kinds, e.kind, e.key)
	for _, m := range e.memberships() {
		leave(s.indexes, m, e.key)
	}
}

func join[K comparable](sets map[K]map[string]struct{}, k K, key string) {
	set := sets[k]
	if set == nil {
		set = map[string]struct{}{}
		sets[k] = set
	}
	set[key] = struct{}{}
}

func leave[K comparable](sets map[K]map[string]struct{}, k K, key string) {
	set := sets[k]
	delete(set, key)
	if len(set) == 0 {
		delete(sets, k)
	}
}

func known(by store.IndexName) error {
	switch by {
	case store.BySub, store.BySID, store.ByFamily:
		return nil
	}
	return fault.Wrap(fault.Invalid, "memory.index", fmt.Errorf("there is no index %q", string(by)))
}

// DeleteByIndex implements [store.Shorts]. fault.Invalid for an unknown index;
// an empty value is in no index.
func (s *Shorts) DeleteByIndex(ctx context.Context, kind store.Kind, by store.IndexName, value string) (int, error) {
	if err := known(by); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx, "memory.DeleteByIndex"); err != nil {
		return 0, err
	}
	now := s.now().UnixMilli()
	n := 0
	for key := range s.indexes[indexed{kind, by, value}] {
		e := s.items[place{kind, key}]
		if e.expires > now {
			n++
		}
		s.remove(e)
	}
	return n, nil
}

// ListByIndex implements [store.Shorts]. fault.Invalid for an unknown index, a
// limit below 1, or a cursor that no list gave. Pages have at most 1000 items.
func (s *Shorts) ListByIndex(ctx context.Context, kind store.Kind, by store.IndexName, value, cursor string, limit int) ([]store.Item, string, error) {
	const op = "memory.ListByIndex"
	after, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || limit < 1 {
		return nil, "", fault.Wrap(fault.Invalid, op, errors.New("malformed cursor or limit"))
	}
	if by != "" {
		if err := known(by); err != nil {
			return nil, "", err
		}
	}
	limit = min(limit, maxPage)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx, op); err != nil {
		return nil, "", err
	}
	set := s.kinds[kind]
	if by != "" {
		set = s.indexes[indexed{kind, by, value}]
	}
	keys := s.smallest(kind, set, string(after), limit+1)
	next := ""
	if len(keys) > limit {
		keys = keys[:limit]
		next = base64.RawURLEncoding.EncodeToString([]byte(keys[limit-1]))
	}
	items := make([]store.Item, len(keys))
	for i, key := range keys {
		items[i] = s.items[place{kind, key}].item()
	}
	return items, next, nil
}

// smallest gives the first n keys of the set that follow after and have not
// expired, in order. It keeps no more than n at any time.
func (s *Shorts) smallest(kind store.Kind, set map[string]struct{}, after string, n int) []string {
	now := s.now().UnixMilli()
	var found keyHeap
	for key := range set {
		if key <= after || (len(found) == n && key > found[0]) || s.live(place{kind, key}, now) == nil {
			continue
		}
		if len(found) == n {
			found[0] = key
			heap.Fix(&found, 0)
			continue
		}
		heap.Push(&found, key)
	}
	slices.Sort(found)
	return found
}

// keyHeap is a heap of keys, the greatest first.
type keyHeap []string

func (h keyHeap) Len() int           { return len(h) }
func (h keyHeap) Less(i, j int) bool { return h[i] > h[j] }
func (h keyHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *keyHeap) Push(x any)        { *h = append(*h, x.(string)) }

func (h *keyHeap) Pop() any {
	last := len(*h) - 1
	key := (*h)[last]
	*h = (*h)[:last]
	return key
}
