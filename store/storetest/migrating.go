package storetest

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

var migrating = []recordsTest{
	{"once", func(h *recordsHarness) {
		h.settle()
		h.add("alice", 30)
		h.settle() // nothing left to do; a second CREATE would fail
		h.count(1)
	}},
	{"later ones are added", func(h *recordsHarness) {
		h.settle()
		more := slices.Concat(
			[]store.Migration{{ID: "animals/0001", SQL: `CREATE TABLE animals (name TEXT PRIMARY KEY)`}}, // another owner, listed first
			people,
			[]store.Migration{{ID: "people/0002", SQL: `ALTER TABLE people ADD COLUMN town TEXT NOT NULL DEFAULT 'here'`}},
		)
		h.ok(h.r.Migrate(h.Context(), more))
		h.ok(h.r.Update(h.Context(), func(t store.Tx) error {
			if _, err := t.Exec(`INSERT INTO animals (name) VALUES ($1)`, "cat"); err != nil {
				return err
			}
			_, err := t.Exec(`INSERT INTO people (name, age, town) VALUES ($1, $2, $3)`, "bob", 1, "there")
			return err
		}))
	}},
	{"six start at once", func(h *recordsHarness) {
		list := slices.Concat(people, []store.Migration{
			{ID: "people/0002", SQL: `INSERT INTO people (name, age) VALUES ('first', 1); INSERT INTO people (name, age) VALUES ('second', 2)`},
			{ID: "people/0003", SQL: `UPDATE people SET age = age + 1`},
		})
		together(6, func(i int) {
			if err := h.again().Migrate(h.Context(), list); err != nil {
				h.Errorf("starter %d: %v", i, err)
			}
		})
		h.count(2)
		h.ok(h.r.View(h.Context(), func(t store.Tx) error {
			var sum int64
			err := t.QueryRow(`SELECT sum(age) FROM people`).Scan(&sum)
			if err == nil && sum != 5 {
				h.Errorf("the sum is %d, want 5: a migration ran twice or not at all", sum)
			}
			return err
		}))
	}},
	{"a bad one changes nothing", func(h *recordsHarness) {
		bad := slices.Concat(people, []store.Migration{
			{ID: "people/0002", SQL: `INSERT INTO people (name, age) VALUES ('half', 1); CREATE TABLE half (x TEXT); INSERT INTO nowhere VALUES (1)`},
			{ID: "people/0003", SQL: `INSERT INTO people (name, age) VALUES ('never', 1)`},
		})
		for range 2 {
			if err := h.r.Migrate(h.Context(), bad); err == nil {
				h.Fatal("no error")
			}
			if err := h.r.View(h.Context(), func(t store.Tx) error { return t.QueryRow(`SELECT name FROM people`).Scan(new(string)) }); err == nil {
				h.Fatal("the one before it stays")
			}
		}
		bad[1].SQL = `CREATE TABLE half (x TEXT)`
		h.ok(h.r.Migrate(h.Context(), bad))
		h.count(1)
	}},
	{"a newer schema is refused", func(h *recordsHarness) {
		newer := slices.Concat(people, []store.Migration{{ID: "people/0002", SQL: `CREATE TABLE later (x TEXT)`}})
		h.ok(h.r.Migrate(h.Context(), newer))
		h.kind(h.again().Migrate(h.Context(), people), fault.Conflict)
		h.kind(h.again().Migrate(h.Context(), nil), fault.Conflict)
		older := slices.Concat(people, []store.Migration{{ID: "zoo/0001", SQL: `CREATE TABLE zoo (x TEXT)`}})
		h.kind(h.again().Migrate(h.Context(), older), fault.Conflict)
		if err := h.r.View(h.Context(), func(t store.Tx) error {
			_, err := t.Query(`SELECT * FROM zoo`)
			return err
		}); err == nil {
			h.Error("a refused list was applied in part")
		}
	}},
	{"a senseless list", func(h *recordsHarness) {
		for _, id := range []string{"", "people", "people/1", "people/0001/x", "People/0001", "people/0001 "} {
			h.kind(h.r.Migrate(h.Context(), []store.Migration{{ID: id, SQL: `CREATE TABLE x (y TEXT)`}}), fault.Invalid)
		}
		h.kind(h.r.Migrate(h.Context(), slices.Concat(people, people)), fault.Invalid)
	}},
}
