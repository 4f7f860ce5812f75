package grant_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// clock is set by tests and read by stores.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// onBoth runs a test over the memory stores and over SQLite files.
func onBoth(t *testing.T, f func(*testing.T, *grant.Grants, *clock)) {
	t.Run("memory", func(t *testing.T) {
		c := &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
		records, err := memory.OpenRecords(c.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { records.Close() })
		g := &grant.Grants{Shorts: memory.NewShorts(memory.Options{Now: c.Now}), Records: records, Box: box(t), Now: c.Now}
		if err := records.Migrate(t.Context(), grant.Migrations()); err != nil {
			t.Fatal(err)
		}
		f(t, g, c)
	})
	t.Run("sqlite", func(t *testing.T) {
		c := &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
		dir := t.TempDir()
		records, err := sqlite.OpenRecords(filepath.Join(dir, "records.db"), sqlite.Options{Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { records.Close() })
		shorts, err := sqlite.OpenShorts(filepath.Join(dir, "shorts.db"), sqlite.Options{Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { shorts.Close() })
		if err := records.Migrate(t.Context(), grant.Migrations()); err != nil {
			t.Fatal(err)
		}
		f(t, &grant.Grants{Shorts: shorts, Records: records, Box: box(t), Now: c.Now}, c)
	})
}

// box seals what the tests give out.
func box(t *testing.T) *seal.Box {
	t.Helper()
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	return master.Box("grants")
}

// limits are short enough to be passed.
var limits = grant.Limits{Idle: time.Hour, Max: 3 * time.Hour}

// allowed is an authorization in a family of its own.
func allowed(client, sid, family string) grant.Authorization {
	return grant.Authorization{Client: client, Subject: "alice", SID: sid, Scopes: []string{"openid"}, AuthTime: 1, Family: family}
}

// use is how a client uses its token; rotating is what a public one does.
func use(client string, rotating bool) grant.Use {
	return grant.Use{Client: client, Limits: limits, Rotate: rotating, Check: func(grant.Authorization) error { return nil }}
}

// begin starts a family.
func begin(t *testing.T, g *grant.Grants, a grant.Authorization) string {
	t.Helper()
	token, err := g.NewRefresh(t.Context(), a, g.Now(), limits)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// access is what an access token of an authorization stands for, issued now for
// a minute.
func access(t *testing.T, g *grant.Grants, a grant.Authorization) grant.Access {
	t.Helper()
	token := grant.Access{Authorization: a, Audience: []string{"x"}, Issued: g.Now().Unix(), Expires: g.Now().Add(time.Minute).Unix()}
	if err := g.Name(t.Context(), &token); err != nil {
		t.Fatal(err)
	}
	return token
}

// lives tells whether what is issued of a family would stand.
func lives(t *testing.T, g *grant.Grants, family string) error {
	t.Helper()
	return g.Stands(t.Context(), access(t, g, grant.Authorization{Family: family}))
}

// wants checks the kind of an error; the zero kind stands for none.
func wants(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if kind == fault.Internal && err != nil || kind != fault.Internal && !fault.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}
