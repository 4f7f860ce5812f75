package e2e_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/fault"
	household "github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/internal/rig"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

func init() {
	caddy.RegisterModule(new(faultySessions))
	caddy.RegisterModule(new(strangeSessions))
}

// faultySessions is a guest in gatehouse.sessions that keeps everything in
// memory and has whatever trouble the file "fault" in its directory names:
//
//	panic   every look-up panics
//	fail    every call fails
//	slow    look-ups take as long as they may
//	silent  as fail, and the feed says nothing any more
type faultySessions struct{ household.Shorts }

// CaddyModule implements caddy.Module.
func (*faultySessions) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "gatehouse.sessions.faulty", New: func() caddy.Module { return new(faultySessions) }}
}

// UnmarshalCaddyfile implements caddyfile.Unmarshaler.
func (*faultySessions) UnmarshalCaddyfile(*caddyfile.Dispenser) error { return nil }

// Address implements caddymodule.SessionStore.
func (*faultySessions) Address() string { return "faulty" }

// Private implements caddymodule.SessionStore.
func (*faultySessions) Private() bool { return true }

// OpenShorts implements caddymodule.SessionStore.
func (*faultySessions) OpenShorts(context.Context) (household.Shorts, error) {
	return &faultySessions{memory.NewShorts(memory.Options{})}, nil
}

// trouble is what goes wrong now.
func trouble() string {
	text, _ := os.ReadFile("fault")
	return string(text)
}

var errFaulty = fault.Wrap(fault.Unavailable, "faulty", errors.New("the store has trouble"))

// failing is the trouble of calls that change something.
func failing() error {
	switch trouble() {
	case "fail", "silent":
		return errFaulty
	}
	return nil
}

// looking is the trouble of look-ups.
func looking(ctx context.Context) error {
	switch trouble() {
	case "panic":
		panic("the store is broken")
	case "slow":
		<-ctx.Done()
		return fault.Wrap(fault.Unavailable, "faulty", ctx.Err())
	}
	return failing()
}

// Get implements store.Shorts.
func (f *faultySessions) Get(ctx context.Context, kind store.Kind, key string) (store.Item, error) {
	if err := looking(ctx); err != nil {
		return store.Item{}, err
	}
	return f.Shorts.Get(ctx, kind, key)
}

// GetAll implements store.Shorts.
func (f *faultySessions) GetAll(ctx context.Context, kind store.Kind, keys ...string) ([]store.Item, error) {
	if err := looking(ctx); err != nil {
		return nil, err
	}
	return f.Shorts.GetAll(ctx, kind, keys...)
}

// Create implements store.Shorts.
func (f *faultySessions) Create(ctx context.Context, item store.Item) error {
	if err := failing(); err != nil {
		return err
	}
	return f.Shorts.Create(ctx, item)
}

// Take implements store.Shorts.
func (f *faultySessions) Take(ctx context.Context, kind store.Kind, key, by string) (store.Item, error) {
	if trouble() == "panic" {
		panic("the store is broken")
	}
	if err := failing(); err != nil {
		return store.Item{}, err
	}
	return f.Shorts.Take(ctx, kind, key, by)
}

// Count implements store.Shorts.
func (f *faultySessions) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	if err := failing(); err != nil {
		return store.Tally{}, err
	}
	return f.Shorts.Count(ctx, key, delta, window)
}

// Watch implements store.Watcher.
func (f *faultySessions) Watch(ctx context.Context, hear func([]store.Change)) error {
	return f.Shorts.Watch(ctx, func(changes []store.Change) {
		if trouble() != "silent" {
			hear(changes)
		}
	})
}

// strangeSessions is in the namespace and keeps nothing.
type strangeSessions struct{}

// CaddyModule implements caddy.Module.
func (*strangeSessions) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "gatehouse.sessions.strange", New: func() caddy.Module { return new(strangeSessions) }}
}

// UnmarshalCaddyfile implements caddyfile.Unmarshaler.
func (*strangeSessions) UnmarshalCaddyfile(*caddyfile.Dispenser) error { return nil }

// A guest that keeps no sessions is refused; nothing else takes its place.
func TestGuestThatIsNoStore(t *testing.T) {
	c := rig.Prepare(t, "{\n\tadmin ADMIN\n\tgatehouse {\n\t\tsessions strange\n\t}\n}\nhttp://localhost:8080 {\n\tgatehouse\n}\n")
	out, err := c.Run("", "validate", "--config", "Caddyfile", "--adapter", "caddyfile")
	if err == nil || !strings.Contains(out, "strangeSessions") {
		t.Errorf("%v: %s", err, out)
	}
}

// trouble sets what goes wrong in the guest from now on; "" ends it.
func (h *house) trouble(t *testing.T, what string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.Dir, "fault"), []byte(what), 0o600); err != nil {
		t.Fatal(err)
	}
}
