package account

import (
	"context"
	"crypto/rand"
	"runtime"
	"sync/atomic"

	"golang.org/x/text/unicode/norm"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// HasherOptions sets the cost of hashing and how much of it happens at once.
type HasherOptions struct {
	// Params are the costs of new hashes. Zero means [DefaultParams].
	Params Params
	// Parallel is how many hashes are computed at once. Zero means half of
	// GOMAXPROCS, at least one: a flood of logins must leave processors for
	// people who are signed in (DOS-04).
	Parallel int
	// Queue is how many callers may wait for their turn; the next one is sent
	// away with fault.Unavailable. Zero means 32 for each hash in parallel,
	// somewhat more than a second of work at the default cost.
	Queue int
}

// Hasher does the work of password hashing, a bounded amount at once. It
// writes Argon2id in PHC string form and reads that and bcrypt ($2a$, $2b$,
// $2y$, as Caddy's hash-password makes it), both with bounded costs. It is
// safe for concurrent use. Share one among everything in the process that
// hashes, reloads included, or the bound is none.
type Hasher struct {
	params  Params
	running chan struct{}
	waiting chan struct{}
	calls   atomic.Int64 // hashes that were computed, for tests
	decoy   encoded
}

// NewHasher makes a Hasher. It refuses parameters that [Params.Validate]
// refuses.
func NewHasher(opts HasherOptions) (*Hasher, error) {
	if opts.Params == (Params{}) {
		opts.Params = DefaultParams()
	}
	if err := opts.Params.Validate(); err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "account.NewHasher", Public: err.Error()}
	}
	return newHasher(opts), nil
}

func newHasher(opts HasherOptions) *Hasher {
	if opts.Parallel <= 0 {
		opts.Parallel = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if opts.Queue <= 0 {
		opts.Queue = 32 * opts.Parallel
	}
	return &Hasher{
		params:  opts.Params,
		running: make(chan struct{}, opts.Parallel),
		waiting: make(chan struct{}, opts.Parallel+opts.Queue),
		decoy:   randomHash(opts.Params).encode(),
	}
}

// hash makes a new hash. fault.Unavailable if too many wait or ctx ends first.
func (h *Hasher) hash(ctx context.Context, password string) (encoded, error) {
	fresh := argonHash{Params: h.params, salt: make([]byte, saltSize)}
	rand.Read(fresh.salt) // never fails: crypto/rand ends the program instead
	err := h.work(ctx, func() { fresh.key = fresh.derive(normal(password)) })
	if err != nil {
		return "", err
	}
	return fresh.encode(), nil
}

// verify tells whether password belongs to stored. An unreadable hash, or none
// at all, costs the same as a hash made now and is never right.
func (h *Hasher) verify(ctx context.Context, stored encoded, password string) (bool, error) {
	check, err := stored.parse()
	readable := err == nil
	if !readable {
		check, _ = h.decoy.parse()
	}
	matches := false
	if err := h.work(ctx, func() { matches = check.matches(normal(password)) }); err != nil {
		return false, err
	}
	return matches && readable, nil
}

// stale tells whether stored should be made anew with today's parameters
// (LGN-04). bcrypt always is.
func (h *Hasher) stale(stored encoded) bool {
	a, err := parseArgon(stored)
	return err != nil || a.Params != h.params || len(a.salt) != saltSize || len(a.key) != keySize
}

// work runs f when it is its turn. Both channels are semaphores: the first
// bounds who is inside at all, the second who computes.
func (h *Hasher) work(ctx context.Context, f func()) error {
	const op = "account.Hasher"
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return fault.New(fault.Unavailable, op, "Too many people are signing in right now. Please try again in a moment.")
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, op, ctx.Err())
	}
	if err := ctx.Err(); err != nil { // both were ready: don't compute for somebody who left
		return fault.Wrap(fault.Unavailable, op, err)
	}
	h.calls.Add(1)
	f()
	return nil
}

// randomHash is a hash of nothing anybody can type: its key is random.
func randomHash(p Params) argonHash {
	h := argonHash{Params: p, salt: make([]byte, saltSize), key: make([]byte, keySize)}
	rand.Read(h.salt)
	rand.Read(h.key)
	return h
}

// normal brings a password to NFC, once and only here (LGN-02).
func normal(password string) []byte { return norm.NFC.Bytes([]byte(password)) }
