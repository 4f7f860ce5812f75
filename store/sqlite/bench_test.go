package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func BenchmarkShorts(b *testing.B) {
	storetest.BenchmarkShorts(b, func(b *testing.B) store.Shorts {
		return shortsAt(b, filepath.Join(b.TempDir(), "shorts.db"), nil)
	})
}

func BenchmarkUpdate(b *testing.B) {
	r := recordsAt(b, filepath.Join(b.TempDir(), "records.db"), nil)
	if err := r.Migrate(b.Context(), []store.Migration{{ID: "x/0001", SQL: "CREATE TABLE x (y BIGINT PRIMARY KEY)"}}); err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		i++
		err := r.Update(b.Context(), func(tx store.Tx) error {
			_, err := tx.Exec("INSERT INTO x (y) VALUES ($1)", i)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
