package sqlite

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// maxPage is the longest page of a list, whatever was asked for.
const maxPage = 1000

// column gives the column of an index. The name never reaches the statement.
func column(by store.IndexName) (string, error) {
	switch by {
	case store.BySub:
		return "sub", nil
	case store.BySID:
		return "sid", nil
	case store.ByFamily:
		return "family", nil
	}
	return "", fault.Wrap(fault.Invalid, "sqlite.index", fmt.Errorf("there is no index %q", string(by)))
}

// DeleteByIndex implements [store.Shorts]. fault.Invalid for an unknown index;
// an empty value is in no index.
func (s *Shorts) DeleteByIndex(ctx context.Context, kind store.Kind, by store.IndexName, value string) (int, error) {
	const op = "sqlite.DeleteByIndex"
	col, err := column(by)
	if err != nil {
		return 0, err
	}
	if err := s.lock(ctx); err != nil {
		return 0, s.classify(op, err)
	}
	defer s.unlock()
	if value == "" {
		return 0, nil
	}
	var n int64
	err = s.patiently(ctx, func() error {
		res, err := s.write.ExecContext(context.WithoutCancel(ctx),
			`DELETE FROM shorts WHERE kind = $1 AND `+col+` = $2 AND expires > $3 AND taken IS NULL`, string(kind), value, s.now())
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	return int(n), s.classify(op, err)
}

// ListByIndex implements [store.Shorts]. fault.Invalid for an unknown index, a
// limit below 1, or a cursor that no list gave. Pages have at most 1000 items.
func (s *Shorts) ListByIndex(ctx context.Context, kind store.Kind, by store.IndexName, value, cursor string, limit int) ([]store.Item, string, error) {
	const op = "sqlite.ListByIndex"
	after, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || limit < 1 {
		return nil, "", fault.Wrap(fault.Invalid, op, errors.New("malformed cursor or limit"))
	}
	limit = min(limit, maxPage)
	query := `SELECT ` + itemColumns + `, key FROM shorts WHERE kind = $1 AND key > $2 AND expires > $3 AND taken IS NULL`
	args := []any{string(kind), string(after), s.now(), limit + 1}
	if by != "" {
		col, err := column(by)
		if err != nil {
			return nil, "", err
		}
		query += ` AND ` + col + ` = $5`
		args = append(args, value)
	}
	var items []store.Item
	if err = s.alive(ctx); err == nil {
		items, err = s.list(ctx, kind, query+` ORDER BY key LIMIT $4`, args)
	}
	if err != nil {
		return nil, "", s.classify(op, err)
	}
	if len(items) <= limit {
		return items, "", nil
	}
	items = items[:limit]
	return items, base64.RawURLEncoding.EncodeToString([]byte(items[limit-1].Key)), nil
}

func (s *Shorts) list(ctx context.Context, kind store.Kind, query string, args []any) ([]store.Item, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []store.Item
	for rows.Next() {
		item := store.Item{Kind: kind}
		if err := scan(rows, &item, &item.Key); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}
