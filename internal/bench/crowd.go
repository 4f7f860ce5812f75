package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// crowd puts accounts into the database of a Caddy that is not running.
func crowd(dir string, n int) error {
	records, err := sqlite.OpenRecords(filepath.Join(dir, "caddy", "gatehouse", "gatehouse.sqlite"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer records.Close()
	return records.Update(context.Background(), func(tx store.Tx) error {
		for i := range n {
			subject, name := fmt.Sprintf("00000000-0000-4000-8000-%012d", i), fmt.Sprintf("person%06d", i)
			if _, err := tx.Exec(`INSERT INTO accounts VALUES ($1, $2, $2, '', 0, '', 0, 0, 0, 'local', 1, 1, 0)`, subject, name); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO used_names VALUES ($1, $2, 1)`, name, subject); err != nil {
				return err
			}
		}
		return nil
	})
}
