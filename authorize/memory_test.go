package authorize_test

import (
	"context"
	"sync"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// shorts is the memory store, noting what it is given and failing on demand.
type shorts struct {
	*memory.Shorts
	mu     sync.Mutex
	broken error
	dump   []string
}

func (s *shorts) fails() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

func (s *shorts) Create(ctx context.Context, item store.Item) error {
	if err := s.fails(); err != nil {
		return err
	}
	s.mu.Lock()
	s.dump = append(s.dump, item.Key, string(item.Value), item.Index.Family)
	s.mu.Unlock()
	return s.Shorts.Create(ctx, item)
}

func (s *shorts) GetAll(ctx context.Context, kind store.Kind, keys ...string) ([]store.Item, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Shorts.GetAll(ctx, kind, keys...)
}

func (s *shorts) Get(ctx context.Context, kind store.Kind, key string) (store.Item, error) {
	if err := s.fails(); err != nil {
		return store.Item{}, err
	}
	return s.Shorts.Get(ctx, kind, key)
}
