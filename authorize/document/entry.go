package document

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// entry is what is known of one document. Directory.mu guards all but the turn
// and the id.
type entry struct {
	id      string
	turn    chan struct{} // full while somebody fetches
	client  *client.Client
	fetched time.Time // when client came
	until   time.Time // how long it is good without asking
	tried   time.Time
	failure error     // of the last attempt
	used    time.Time // when people last used the client; zero: never, as far as is known
}

// inUse tells whether people use the client.
func (e *entry) inUse(now time.Time) bool { return !e.used.IsZero() && now.Before(e.used.Add(inUse)) }

// entry finds or makes the entry of an id. Of an id that nobody vouches for it
// makes one only with the permit to fetch: done is not nil then, and the caller
// has the turn. So what is refused pushes nothing out.
func (d *Directory) entry(ctx context.Context, id string) (e *entry, done func(), err error) {
	vouched, asker, now := client.Vouched(ctx), d.Asker(ctx), d.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	e = d.known[id]
	found := e != nil
	if !found {
		e = &entry{id: id, turn: make(chan struct{}, 1), tried: now}
	}
	switch {
	case vouched:
		e.used = now
	case !found:
		if done, err = d.ration.Take(asker, host(id)); err != nil {
			return nil, nil, err
		}
		e.turn <- struct{}{}
	}
	if !found {
		d.add(e)
	}
	return e, done, nil
}

// permit lets the document of an entry be fetched once more. The entry stays as
// it was if that may not be.
func (d *Directory) permit(ctx context.Context, e *entry) (done func(), err error) {
	d.mu.Lock()
	used := e.inUse(d.Now())
	d.mu.Unlock()
	if !used {
		return d.ration.Take(d.Asker(ctx), host(e.id))
	}
	ctx, cancel := context.WithTimeout(ctx, MaxTime)
	defer cancel()
	return d.ration.Use(ctx)
}

// add remembers an entry, and forgets the least worth one if there are too many.
// The caller has the lock.
func (d *Directory) add(e *entry) {
	if len(d.known) >= most {
		var worst *entry
		for _, e := range d.known {
			if worst == nil || e.worse(worst) {
				worst = e
			}
		}
		delete(d.known, worst.id)
	}
	d.known[e.id] = e
}

// worse tells whether e is to be forgotten rather than other: first what brought
// no client, then what nobody uses, each from the oldest attempt on, and what is
// used last. Being asked for is no use, since anybody can ask; being fetched
// again is none either, but it was paid for.
func (e *entry) worse(other *entry) bool {
	if e.vain() != other.vain() {
		return e.vain()
	}
	return e.worth().Before(other.worth())
}

// vain tells whether there is only a failure.
func (e *entry) vain() bool { return e.client == nil && e.failure != nil && e.used.IsZero() }

// worth orders entries: who is in use counts as tried as long from now as that
// lasts.
func (e *entry) worth() time.Time {
	if e.used.IsZero() {
		return e.tried
	}
	if used := e.used.Add(inUse); used.After(e.tried) {
		return used
	}
	return e.tried
}

// host is the host of an id.
func host(id string) string { return (&client.Client{ID: id}).Host() }
