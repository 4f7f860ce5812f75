package memory_test

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func TestShorts(t *testing.T) {
	storetest.Shorts(t, func(t testing.TB, now func() time.Time) (store.Shorts, func() store.Shorts) {
		s := memory.NewShorts(memory.Options{Now: now})
		t.Cleanup(func() { s.Close() })
		return s, nil
	})
}

func TestRecords(t *testing.T) {
	storetest.Records(t, func(t testing.TB, now func() time.Time) (store.Records, func() store.Records) {
		r, err := memory.OpenRecords(now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r, nil
	})
}
