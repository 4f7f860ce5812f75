package memory

import (
	"time"

	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// OpenRecords makes an empty database that ends with its Close. now nil means
// time.Now.
func OpenRecords(now func() time.Time) (*sqlite.Records, error) {
	return sqlite.MemoryRecords(sqlite.Options{Now: now})
}
