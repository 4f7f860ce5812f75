package grant

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// End kills a family: "the authorization server SHOULD also invalidate all
// access tokens based on the same authorization grant" (RFC 7009, section 2.1).
//
// The mark comes first and outlives every access token that whoever is just
// redeeming something can still issue, since those live from the instant before
// that was looked at: so none escapes, however late it is made. The row goes
// after it: [Grants.NewRefresh] writes the row first and then looks for the
// mark.
func (g *Grants) End(ctx context.Context, family string) error {
	const op = "grant.End"
	if family == "" {
		return nil
	}
	if err := g.mark(ctx, family, g.now().Add(MaxAccessLife)); err != nil {
		return fault.At(op, err)
	}
	return fault.At(op, g.drop(ctx, family))
}

// RevokeAccess kills one access token, by a mark that outlives it. Nothing else
// of the family is touched.
func (g *Grants) RevokeAccess(ctx context.Context, a Access) error {
	return fault.At("grant.RevokeAccess", g.mark(ctx, a.ID, time.Unix(a.Expires, 0)))
}

// mark notes that a family or token is dead, until nothing of it can be alive.
func (g *Grants) mark(ctx context.Context, id string, until time.Time) error {
	err := g.Shorts.Create(ctx, store.Item{Kind: kindEnded, Key: id, Value: []byte{}, Expires: until.Add(slack)})
	if fault.Is(err, fault.Exists) {
		return nil
	}
	return err
}

// withdraw marks as dead whatever was issued until now of what somebody allowed
// a client; of all that they allowed, if client is "".
//
// Whoever looked before the mark was there may have begun after its instant, as
// short as that time is. So the instant is taken again when the mark is there.
func (g *Grants) withdraw(ctx context.Context, sub identity.Subject, client string) error {
	for range 2 {
		if err := g.put(ctx, withdrawal(sub, client), g.now()); err != nil {
			return err
		}
	}
	return nil
}

// withdrawal names what somebody allowed a client, as a whole.
func withdrawal(sub identity.Subject, client string) string {
	return secret.Hash(string(sub), client)
}

// put writes a mark that holds an instant, in place of one with an earlier instant.
// A later one stays: who withdraws at the same time may be faster.
func (g *Grants) put(ctx context.Context, key string, at time.Time) error {
	instant := at.UnixMilli()
	item := store.Item{
		Kind: kindEnded, Key: key, Value: strconv.AppendInt(nil, instant, 10), Expires: at.Add(MaxAccessLife + slack),
	}
	for range 5 {
		err := g.Shorts.Create(ctx, item)
		if !fault.Is(err, fault.Exists) {
			return err
		}
		there, err := g.Shorts.Get(ctx, item.Kind, item.Key)
		if err == nil {
			if other, odd := strconv.ParseInt(string(there.Value), 10, 64); odd == nil && other >= instant {
				return nil
			}
			item.Version = there.Version
			_, err = g.Shorts.Swap(ctx, item)
		}
		if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) { // it expired meanwhile, or somebody did the same
			return err
		}
	}
	return fault.New(fault.Conflict, "grant.put", "")
}

// stands is nil unless there is a mark about an authorization that was issued at
// this instant, or about one of further ids: fault.NotFound. It asks once.
func (g *Grants) stands(ctx context.Context, a Authorization, issued time.Time, clients []string, ids ...string) error {
	const op = "grant.stands"
	marks, err := g.Shorts.GetAll(ctx, kindEnded, marks(a, clients, ids)...)
	if err != nil {
		return fault.At(op, err)
	}
	for _, mark := range marks {
		if len(mark.Value) == 0 {
			return fault.New(fault.NotFound, op, "")
		}
		until, err := strconv.ParseInt(string(mark.Value), 10, 64)
		if err != nil || issued.UnixMilli() <= until {
			return fault.New(fault.NotFound, op, "")
		}
	}
	return nil
}

// marks are the names of all marks that could be about an authorization.
func marks(a Authorization, clients, ids []string) []string {
	keys := slices.Clone(ids)
	if a.Family != "" {
		keys = append(keys, a.Family)
	}
	if !a.Person() {
		return keys
	}
	keys = append(keys, withdrawal(a.Subject, ""))
	for _, client := range clients {
		keys = append(keys, withdrawal(a.Subject, client))
	}
	return keys
}
