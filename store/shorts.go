package store

import (
	"context"
	"time"
)

// Kind separates the key spaces of short-lived things: "session", "handle",
// "ticket", "code".
type Kind string

// Index holds up to three values by which things can be found and deleted.
// Empty values are not indexed.
type Index struct {
	Sub    string // the account
	SID    string // the session
	Family string // what was issued together
}

// IndexName names one field of [Index].
type IndexName string

// The names of the index fields.
const (
	BySub    IndexName = "sub"
	BySID    IndexName = "sid"
	ByFamily IndexName = "family"
)

// Item is one short-lived thing. Keys are hashes of whatever secret names the
// thing outside; a store never sees the secret.
type Item struct {
	Kind    Kind
	Key     string
	Value   []byte
	Index   Index
	Expires time.Time // to the millisecond; from this instant on the item is absent
	Version int64     // set by the store; changes with every Swap
}

// Shorts keeps short-lived things. Expired equals absent in every method: a
// caller can't tell the difference.
type Shorts interface {
	// Create stores item (its Version is ignored) and fails with fault.Exists
	// if the key is present, or was taken and not yet expired.
	Create(ctx context.Context, item Item) error

	// Get returns the item, or fault.NotFound. A taken item is not found.
	Get(ctx context.Context, kind Kind, key string) (Item, error)

	// GetAll returns those of the named items that Get would return, each once
	// and in no order. They need not be as of one instant.
	GetAll(ctx context.Context, kind Kind, keys ...string) ([]Item, error)

	// Swap replaces Value, Index and Expires of the item if its Version is
	// still item.Version, and returns the new version. Otherwise
	// fault.Conflict; fault.NotFound if it is absent or taken.
	Swap(ctx context.Context, item Item) (int64, error)

	// Take removes the item and returns it to exactly one caller, however
	// many ask at once. by is the taker's mark (at most 256 bytes). Until
	// the item would have expired, later takers get fault.Spent wrapping a
	// *[SpentError] that carries the winner's mark and the item's index, so
	// that a replay can revoke what was issued. Else fault.NotFound.
	Take(ctx context.Context, kind Kind, key, by string) (Item, error)

	// Delete succeeds if the item is gone afterwards, also if it never was
	// there. It also forgets that the item was taken.
	Delete(ctx context.Context, kind Kind, key string) error

	// DeleteByIndex deletes every item of the kind with this index value and
	// says how many. Items created meanwhile may survive; callers that must
	// not leave any delete the parent first, so that a child without a parent
	// is worth nothing. Marks of taken items stay.
	DeleteByIndex(ctx context.Context, kind Kind, by IndexName, value string) (int, error)

	// ListByIndex returns a page of at most limit items, ordered by key, and
	// the cursor of the next page ("" after the last). An empty name lists
	// the whole kind. An item that is there throughout is listed exactly once.
	ListByIndex(ctx context.Context, kind Kind, by IndexName, value, cursor string, limit int) ([]Item, string, error)

	// Count adds delta to the counter and returns its new value, atomically.
	// The window starts with the first addition and the counter is back at
	// zero when it ends. delta 0 reads and creates nothing; a counter never
	// goes below zero.
	Count(ctx context.Context, key string, delta int64, window time.Duration) (Tally, error)

	// Publish tells watchers of every process, this one included.
	Publish(ctx context.Context, changes ...Change) error

	Watcher
}

// Tally is the state of a counter.
type Tally struct {
	N      int64
	Resets time.Time // zero if N is 0
}

// SpentError tells who took a one-time thing.
type SpentError struct {
	By    string
	Index Index
}

// Error implements error.
func (e *SpentError) Error() string { return "already taken" }
