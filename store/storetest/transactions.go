package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

var errOfCaller = errors.New("the caller changed its mind")

var updating = []recordsTest{
	{"commit", func(h *recordsHarness) {
		h.settle()
		h.add("alice", 30)
		h.count(1)
	}},
	{"an error changes nothing and comes back", func(h *recordsHarness) {
		h.settle()
		err := h.r.Update(h.Context(), func(t store.Tx) error {
			if err := add(t, "alice", 30); err != nil {
				return err
			}
			return errOfCaller
		})
		if !errors.Is(err, errOfCaller) {
			h.Fatalf("got %v", err)
		}
		denied := fault.New(fault.Denied, "x", "no")
		if err := h.r.Update(h.Context(), func(store.Tx) error { return denied }); !errors.Is(err, denied) || !fault.Is(err, fault.Denied) {
			h.Fatalf("got %v", err)
		}
		h.count(0)
	}},
	{"a panic changes nothing and goes on", func(h *recordsHarness) { // ERR-02
		h.settle()
		func() {
			defer func() {
				if p := recover(); p != "boom" {
					h.Errorf("recovered %v", p)
				}
			}()
			h.ok(h.r.Update(h.Context(), func(t store.Tx) error {
				if err := add(t, "alice", 30); err != nil {
					return err
				}
				panic("boom")
			}))
		}()
		h.count(0)
		h.add("bob", 1) // and nothing stays locked
	}},
	{"a panic with rows open", func(h *recordsHarness) {
		h.settle()
		h.add("alice", 30)
		for _, run := range []func(context.Context, func(store.Tx) error) error{h.r.Update, h.r.View} {
			func() {
				defer func() { _ = recover() }()
				h.ok(run(h.Context(), func(t store.Tx) error {
					rows, err := t.Query(`SELECT name FROM people`)
					if err != nil {
						return err
					}
					rows.Next()
					panic("boom")
				}))
			}()
		}
		h.add("bob", 1)
		h.count(2)
	}},
	{"uniqueness", func(h *recordsHarness) {
		h.settle()
		h.add("alice", 30)
		h.kind(h.r.Update(h.Context(), func(t store.Tx) error { return add(t, "alice", 1) }), fault.Exists)
		h.kind(h.r.Update(h.Context(), func(t store.Tx) error {
			_, err := t.Exec(`INSERT INTO people (name, email, age) VALUES ($1, $2, $3)`, "bob", "alice@example.com", 1)
			return fault.At("account.Add", err)
		}), fault.Exists)
		h.kind(h.r.Update(h.Context(), func(t store.Tx) error {
			var name string
			err := t.QueryRow(`INSERT INTO people (name, age) VALUES ($1, $2) RETURNING name`, "alice", 1).Scan(&name)
			return fault.At("account.Add", err)
		}), fault.Exists)
		h.ok(h.r.Update(h.Context(), func(t store.Tx) error {
			_, err := t.Exec(`INSERT INTO people (name, age) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET age = excluded.age`, "alice", 31)
			return err
		}))
		h.count(1)
	}},
	{"other constraints are no conflict of names", func(h *recordsHarness) {
		h.settle()
		err := h.r.Update(h.Context(), func(t store.Tx) error {
			_, err := t.Exec(`INSERT INTO people (name, age) VALUES ($1, $2)`, "alice", nil)
			return err
		})
		if err == nil || fault.Is(err, fault.Exists) {
			h.Fatalf("got %v", err)
		}
	}},
	{"serialised", func(h *recordsHarness) {
		h.settle()
		h.add("alice", 0)
		other := h.again()
		together(32, func(i int) {
			r := []store.Records{h.r, other}[i%2]
			err := r.Update(h.Context(), func(t store.Tx) error {
				var age int64
				if err := t.QueryRow(`SELECT age FROM people WHERE name = $1`, "alice").Scan(&age); err != nil {
					return err
				}
				_, err := t.Exec(`UPDATE people SET age = $2 WHERE name = $1`, "alice", age+1)
				return err
			})
			if err != nil {
				h.Error(err)
			}
		})
		h.ok(h.r.View(h.Context(), func(t store.Tx) error {
			var age int64
			err := t.QueryRow(`SELECT age FROM people`).Scan(&age)
			if err == nil && age != 32 {
				h.Errorf("32 increments give %d", age)
			}
			return err
		}))
	}},
	{"a thing is spent once", func(h *recordsHarness) {
		h.settle()
		h.add("link", 0)
		var won atomic.Int32
		other := h.again()
		together(racers, func(i int) {
			r := []store.Records{h.r, other}[i%2]
			err := r.Update(h.Context(), func(t store.Tx) error {
				var age int64
				return t.QueryRow(`DELETE FROM people WHERE name = $1 RETURNING age`, "link").Scan(&age)
			})
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, sql.ErrNoRows):
				h.Error(err)
			}
		})
		if won.Load() != 1 {
			h.Errorf("%d winners", won.Load())
		}
	}},
	{"odd texts and bytes", func(h *recordsHarness) {
		h.settle()
		h.ok(h.r.Update(h.Context(), func(t store.Tx) error {
			for i, text := range odd {
				_, err := t.Exec(`INSERT INTO people (name, age, photo) VALUES ($1, $2, $3)`, text, i, []byte(text))
				if err != nil {
					return err
				}
			}
			return nil
		}))
		h.ok(h.again().View(h.Context(), func(t store.Tx) error {
			for i, text := range odd {
				var age int
				var photo []byte
				if err := t.QueryRow(`SELECT age, photo FROM people WHERE name = $1`, text).Scan(&age, &photo); err != nil {
					return fmt.Errorf("%q: %w", text, err)
				}
				if age != i || !bytes.Equal(photo, []byte(text)) {
					h.Errorf("%q: got %d, %q", text, age, photo)
				}
			}
			return nil
		}))
	}},
	{"cancelled", func(h *recordsHarness) {
		h.settle()
		ctx, cancel := context.WithCancel(h.Context())
		err := h.r.Update(ctx, func(t store.Tx) error {
			err := add(t, "alice", 30)
			cancel()
			return err
		})
		h.kind(err, fault.Unavailable)
		ran := false
		h.kind(h.r.Update(ctx, func(store.Tx) error { ran = true; return nil }), fault.Unavailable)
		h.kind(h.r.View(ctx, func(store.Tx) error { ran = true; return nil }), fault.Unavailable)
		h.kind(h.r.Migrate(ctx, people), fault.Unavailable)
		if ran {
			h.Error("f ran for nobody")
		}
		h.count(0)
	}},
	{"an endless statement ends with its context", func(h *recordsHarness) {
		h.settle()
		for _, run := range []func(context.Context, func(store.Tx) error) error{h.r.Update, h.r.View} {
			ctx, cancel := context.WithTimeout(h.Context(), 50*time.Millisecond)
			err := run(ctx, func(t store.Tx) error {
				var n int64
				return t.QueryRow(`WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c`).Scan(&n)
			})
			cancel()
			h.kind(err, fault.Unavailable)
			h.add(fmt.Sprint("after", time.Now()), 1)
		}
	}},
}

var viewing = []recordsTest{
	{"one snapshot", func(h *recordsHarness) {
		h.settle()
		h.add("alice", 30)
		other := h.again()
		updated := make(chan error, 1)
		h.ok(h.r.View(h.Context(), func(t store.Tx) error {
			before, err := countIn(t)
			if err != nil {
				return err
			}
			go func() { // a back end may let it wait for the View
				updated <- other.Update(context.Background(), func(t store.Tx) error { return add(t, "bob", 1) })
			}()
			time.Sleep(100 * time.Millisecond)
			after, err := countIn(t)
			if before != 1 || after != 1 {
				h.Errorf("the View saw %d, then %d people", before, after)
			}
			return err
		}))
		h.ok(<-updated)
		h.count(2)
	}},
	{"sees nothing uncommitted", func(h *recordsHarness) {
		h.settle()
		other := h.again()
		inside, viewed := make(chan struct{}), make(chan error, 1)
		go func() {
			<-inside
			viewed <- other.View(context.Background(), func(t store.Tx) error {
				n, err := countIn(t)
				if n != 0 {
					h.Errorf("a View saw %d people of a transaction that was undone", n)
				}
				return err
			})
		}()
		err := h.r.Update(h.Context(), func(t store.Tx) error {
			if err := add(t, "alice", 30); err != nil {
				return err
			}
			close(inside)
			time.Sleep(50 * time.Millisecond)
			return errOfCaller
		})
		if !errors.Is(err, errOfCaller) {
			h.Fatal(err)
		}
		h.ok(<-viewed)
	}},
	{"changes nothing", func(h *recordsHarness) {
		h.settle()
		for _, f := range []func(store.Tx) error{
			func(t store.Tx) error { return add(t, "alice", 30) },
			func(t store.Tx) error { return t.Publish(store.Change{Topic: store.TopicKeys}) },
		} {
			if err := h.r.View(h.Context(), f); err == nil {
				h.Error("a View wrote")
			}
		}
		h.count(0)
		h.add("bob", 1)
	}},
	{"errors and panics", func(h *recordsHarness) {
		h.settle()
		if err := h.r.View(h.Context(), func(store.Tx) error { return errOfCaller }); !errors.Is(err, errOfCaller) {
			h.Errorf("got %v", err)
		}
		func() {
			defer func() {
				if p := recover(); p != "boom" {
					h.Errorf("recovered %v", p)
				}
			}()
			h.ok(h.r.View(h.Context(), func(store.Tx) error { panic("boom") }))
		}()
		err := h.r.View(h.Context(), func(t store.Tx) error {
			var age int64
			return t.QueryRow(`SELECT age FROM people WHERE name = $1`, strings.Repeat("x", 10)).Scan(&age)
		})
		if !errors.Is(err, sql.ErrNoRows) {
			h.Errorf("got %v", err)
		}
		h.add("bob", 1)
	}},
}

var publishing = []recordsTest{
	{"what is undone is not told", func(h *recordsHarness) {
		h.settle()
		l := listen(h.T, h.again())
		told := store.Change{Topic: store.TopicSubject, Key: "told"}
		undone := store.Change{Topic: store.TopicSubject, Key: "undone"}
		fail := func(end func() error) {
			defer func() { _ = recover() }()
			err := h.r.Update(h.Context(), func(t store.Tx) error {
				if err := t.Publish(undone); err != nil {
					return err
				}
				return end()
			})
			if !errors.Is(err, errOfCaller) {
				h.Errorf("got %v", err)
			}
		}
		fail(func() error { return errOfCaller })
		fail(func() error { panic("boom") })
		h.ok(publisher{h.r}.Publish(h.Context(), told))
		l.expect([]store.Change{told})
	}},
}
