package house_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// ledger counts what a plan opened and what was closed again, and breaks what
// it is told to break.
type ledger struct {
	opened, closed atomic.Int64
	broken         atomic.Pointer[string] // "records", "shorts", "master"
	sealed         atomic.Bool            // what the last call of Master was told
}

func (l *ledger) fails(part string) error {
	if broken := l.broken.Load(); broken != nil && *broken == part {
		return errors.New(part + " is broken")
	}
	return nil
}

type countedRecords struct {
	house.Records
	ledger *ledger
}

func (c countedRecords) Close() error {
	c.ledger.closed.Add(1)
	return c.Records.Close()
}

type countedShorts struct {
	house.Shorts
	ledger *ledger
}

func (c countedShorts) Close() error {
	c.ledger.closed.Add(1)
	return c.Shorts.Close()
}

// plan is a plan for stores below dir.
func (l *ledger) plan(dir string) house.Plan {
	return house.Plan{
		Address: dir,
		Records: func(context.Context) (house.Records, error) {
			if err := l.fails("records"); err != nil {
				return nil, err
			}
			r, err := sqlite.OpenRecords(filepath.Join(dir, "gatehouse.sqlite"), sqlite.Options{})
			if err == nil {
				l.opened.Add(1)
			}
			return countedRecords{r, l}, err
		},
		Shorts: func(context.Context) (house.Shorts, error) {
			if err := l.fails("shorts"); err != nil {
				return nil, err
			}
			l.opened.Add(1)
			return countedShorts{memory.NewShorts(memory.Options{}), l}, nil
		},
		Master: func(sealed bool) (*seal.Master, error) {
			l.sealed.Store(sealed)
			if err := l.fails("master"); err != nil {
				return nil, err
			}
			return keys.EnsureMaster(filepath.Join(dir, "master.key"))
		},
		Log: zap.NewNop(),
	}
}

// Whatever can't be opened refuses everything, leaves nothing open behind, and
// is tried again by the next caller.
func TestOpenFailsClosed(t *testing.T) {
	var l ledger
	h := house.New(l.plan(t.TempDir()))
	for _, part := range []string{"records", "shorts", "master"} {
		l.broken.Store(&part)
		if rooms, err := h.Open(t.Context()); err == nil || rooms != nil || !strings.Contains(err.Error(), part+" is broken") {
			t.Errorf("%s: %v, %v", part, rooms, err)
		}
		if opened, closed := l.opened.Load(), l.closed.Load(); opened != closed {
			t.Errorf("%s: %d stores were opened and %d closed", part, opened, closed)
		}
	}
	l.broken.Store(nil)
	if rooms, err := h.Open(t.Context()); err != nil || rooms == nil {
		t.Errorf("once nothing is broken: %v", err)
	}
	h.Release()
	if opened, closed := l.opened.Load(), l.closed.Load(); opened != closed {
		t.Errorf("in the end %d stores were opened and %d closed", opened, closed)
	}
}

func TestOpenAtOnce(t *testing.T) {
	var l ledger
	h := house.New(l.plan(t.TempDir()))
	defer h.Release()
	var wg sync.WaitGroup
	var first atomic.Pointer[house.Rooms]
	for range 8 {
		wg.Go(func() {
			rooms, err := h.Open(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if !first.CompareAndSwap(nil, rooms) && first.Load() != rooms {
				t.Error("two callers got different rooms")
			}
		})
	}
	wg.Wait()
	if l.opened.Load() != 2 {
		t.Errorf("%d stores were opened, want 2", l.opened.Load())
	}
}

// The house outlives the configuration that made it until the last request is
// over (CFG-03).
func TestLastRequestCloses(t *testing.T) {
	var l ledger
	h := house.New(l.plan(t.TempDir()))
	rooms, err := h.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if !h.Acquire() {
			t.Fatal("an open house can't be held")
		}
	}
	if err := h.Destruct(); err != nil { // the pool lets go
		t.Fatal(err)
	}
	h.Release()
	if _, err := rooms.Accounts.NeedsSetup(t.Context()); err != nil || l.closed.Load() != 0 {
		t.Errorf("with a request under way: %v, %d closed", err, l.closed.Load())
	}
	h.Release()
	if l.closed.Load() != 2 {
		t.Errorf("%d stores were closed, want 2", l.closed.Load())
	}
	if h.Acquire() {
		t.Error("a closed house can be held")
	}
	if _, err := house.New(l.plan(t.TempDir())).Open(t.Context()); err != nil {
		t.Errorf("another house: %v", err)
	}
}

// COO-12: whoever gives the master key is told whether another one would still
// do. It would until the first signing keys are made.
func TestSealed(t *testing.T) {
	var l ledger
	dir := t.TempDir()
	broken := "master"
	l.broken.Store(&broken)
	for _, sealed := range []bool{false, false, true, true} {
		h := house.New(l.plan(dir))
		_, err := h.Open(t.Context())
		if h.Release(); l.sealed.Load() != sealed {
			t.Errorf("sealed is %v, want %v (opened: %v)", !sealed, sealed, err)
		}
		if err != nil {
			l.broken.Store(nil) // the second time works
		}
	}
}

func TestClosedHouseStaysClosed(t *testing.T) {
	var l ledger
	h := house.New(l.plan(t.TempDir()))
	h.Release() // nothing was opened
	if rooms, err := h.Open(t.Context()); rooms != nil || !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v, %v", rooms, err)
	}
	if l.opened.Load() != 0 {
		t.Error("a closed house opened stores")
	}
}

func TestKeepIssuer(t *testing.T) {
	var l ledger
	h := house.New(l.plan(t.TempDir()))
	defer h.Release()
	rooms, err := h.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const a, b, c = "https://a.example.com", "https://b.example.com", "https://c.example.com"
	for _, step := range []struct {
		issuer, previous string
		ok               bool
	}{
		{a, "", true},
		{a, "", true},
		{b, "", false},
		{b, c, false}, // names another one than it replaces
		{a, "", true}, // what was refused changed nothing
		{b, a, true},
		{b, a, true}, // the next start with the same configuration
		{b, "", true},
		{a, "", false},
	} {
		for range 2 { // looking changes nothing
			if err := rooms.CheckIssuer(t.Context(), step.issuer, step.previous); step.ok != (err == nil) {
				t.Errorf("%+v: %v", step, err)
			}
		}
		err := rooms.KeepIssuer(t.Context(), step.issuer, step.previous)
		if step.ok != (err == nil) || err != nil && !(fault.Is(err, fault.Invalid) && strings.Contains(err.Error(), "previous_issuer")) {
			t.Errorf("%+v: %v", step, err)
		}
	}
}

// DOS-04: the bound on hashes at a time holds over reloads.
func TestOneHasherForTheSameCosts(t *testing.T) {
	var l ledger
	h := house.New(l.plan(t.TempDir()))
	defer h.Release()
	rooms, err := h.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	costs := account.Params{Memory: 19 << 10, Time: 2, Threads: 1}
	one, err := rooms.Hasher(costs)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := rooms.Hasher(costs); err != nil || again != one {
		t.Errorf("the same costs gave another hasher, %v", err)
	}
	costs.Time = 3
	if other, err := rooms.Hasher(costs); err != nil || other == one {
		t.Errorf("other costs gave the same hasher, %v", err)
	}
}

// TestVisit: a command leaves what is done in the background to the server, and
// makes keys only where there are none.
func TestVisit(t *testing.T) {
	var l ledger
	dir := t.TempDir()
	for i, algs := range [][]string{{"EdDSA", "RS256"}, {"ES256", "RS256"}} {
		plan := l.plan(dir)
		plan.Visit, plan.Keys = true, keys.Settings{Algs: algs}
		h := house.New(plan)
		rooms, err := h.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list, err := rooms.Keys.List(t.Context())
		if err != nil || len(list) != 1 || list[0].Alg != "EdDSA" {
			t.Errorf("visit %d: %v, %v", i, list, err)
		}
		h.Release()
	}
	if opened, closed := l.opened.Load(), l.closed.Load(); opened != closed {
		t.Errorf("%d stores were opened and %d closed", opened, closed)
	}
}
