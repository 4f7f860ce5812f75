package login

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// marks keeps used states among the short-lived things.
type marks struct{ shorts store.Shorts }

// kindState is the kind of a mark.
const kindState store.Kind = "login-state"

// OnceIn remembers what was used in shorts, by its hash.
func OnceIn(shorts store.Shorts) Once { return marks{shorts} }

// Use implements [Once].
func (m marks) Use(ctx context.Context, key string, until time.Time) error {
	err := m.shorts.Create(ctx, store.Item{Kind: kindState, Key: hashed(key), Expires: until})
	if fault.Is(err, fault.Exists) {
		return fault.Wrap(fault.Spent, "login.Once", err)
	}
	return fault.At("login.Once", err)
}

// Forget implements [Once].
func (m marks) Forget(ctx context.Context, key string) error {
	return fault.At("login.Once", m.shorts.Delete(ctx, kindState, hashed(key)))
}

// hashed is what the store knows a mark by.
func hashed(key string) string { return secret.Hash("state", key) }
