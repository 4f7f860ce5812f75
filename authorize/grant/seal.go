package grant

import (
	"context"
	"encoding/json"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// What is sealed here. A code is never taken for an access token.
const (
	asCode   = "code"
	asAccess = "access token"
)

// seal turns v into a text that only this server can read, and only as long as
// the store of the marks is the one of now.
func (g *Grants) seal(ctx context.Context, as string, v any) (string, error) {
	epoch, err := g.Epoch(ctx)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "grant.seal", err)
	}
	return g.Box.Seal(plain, as, epoch), nil
}

// open reads into v what was sealed as this. fault.NotFound: it was not sealed
// here, or in another epoch.
func (g *Grants) open(ctx context.Context, as, text string, v any) error {
	const op = "grant.open"
	epoch, err := g.Epoch(ctx)
	if err != nil {
		return err
	}
	plain, err := g.Box.Open(text, as, epoch)
	if err != nil {
		return fault.Wrap(fault.NotFound, op, err)
	}
	return fault.Wrap(fault.Internal, op, json.Unmarshal(plain, v))
}

// Epoch names the store of the marks, at random. What is sealed outlives a store
// that is lost, as sessions in memory are at every start; the marks don't. So all
// that is judged by marks is bound to the epoch they belong to: in another store
// nobody knows whether it was spent or revoked, and it is worth nothing there. Who
// has the master key alone can forge nothing either.
//
// The name is read once. A store that can forget while a process runs must hold it
// as firmly as the marks, and a process that saw its store emptied must be started
// anew: until then it goes on with the name it knows.
func (g *Grants) Epoch(ctx context.Context) (string, error) {
	const op, key = "grant.Epoch", "epoch"
	if known := g.epoch.Load(); known != nil {
		return *known, nil
	}
	item := store.Item{Kind: kindEpoch, Key: key, Value: []byte(secret.New()), Expires: g.now().AddDate(100, 0, 0)}
	err := g.Shorts.Create(ctx, item)
	if fault.Is(err, fault.Exists) {
		item, err = g.Shorts.Get(ctx, kindEpoch, key)
	}
	if err != nil {
		return "", fault.At(op, err)
	}
	name := string(item.Value)
	g.epoch.Store(&name)
	return name, nil
}
