package memory_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func BenchmarkShorts(b *testing.B) {
	storetest.BenchmarkShorts(b, func(*testing.B) store.Shorts { return memory.NewShorts(memory.Options{}) })
}
