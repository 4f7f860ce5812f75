package registry

import "sync"

// memory remembers what was read, in bounds. What exists and what does not are
// apart, so that questions of strangers push nothing out that is in use.
type memory[V any] struct {
	mu      sync.Mutex
	eras    uint64 // counts what was forgotten
	present generations[V]
	absent  generations[V]
}

func newMemory[V any](size int) *memory[V] {
	return &memory[V]{present: generations[V]{most: size}, absent: generations[V]{most: absentees}}
}

// get gives what is remembered.
func (m *memory[V]) get(key string) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.present.get(key); ok {
		return v, true
	}
	return m.absent.get(key)
}

// era is to be asked before reading: see put.
func (m *memory[V]) era() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.eras
}

// put remembers what was read, unless something was forgotten since era: then
// it may be older than the change.
func (m *memory[V]) put(era uint64, key string, v V, exists bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case era != m.eras:
	case exists:
		m.present.put(key, v)
	default:
		m.absent.put(key, v)
	}
}

// forget drops one key, and whatever is being read now.
func (m *memory[V]) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.eras++
	m.present.drop(key)
	m.absent.drop(key)
}

// clear drops everything.
func (m *memory[V]) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.eras++
	m.present.young, m.present.old = nil, nil
	m.absent.young, m.absent.old = nil, nil
}

// generations is a map of at most most entries: when the young half is full it
// becomes the old one, and what nobody asked for meanwhile is gone.
type generations[V any] struct {
	most       int
	young, old map[string]V
}

func (g *generations[V]) get(key string) (V, bool) {
	if v, ok := g.young[key]; ok {
		return v, true
	}
	v, ok := g.old[key]
	if ok {
		g.put(key, v)
	}
	return v, ok
}

func (g *generations[V]) put(key string, v V) {
	if len(g.young) >= max(g.most/2, 1) {
		g.old, g.young = g.young, nil
	}
	if g.young == nil {
		g.young = map[string]V{}
	}
	delete(g.old, key)
	g.young[key] = v
}

func (g *generations[V]) drop(key string) {
	delete(g.young, key)
	delete(g.old, key)
}
