// Package ration bounds what strangers make us fetch: how much in a minute for
// one who asks, from one host and altogether, and how much at a time.
//
// It owns the counting, and what people really use being apart from it: a flood
// of what nobody knows takes nothing away from that. It does not own what is
// fetched, what counts as used, nor who is one who asks: these are names that it
// is given. What it remembers is bounded by what it allows (DOS-05).
package ration

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// What may be fetched in a minute, and at a time. One who asks has less than a
// host gives, so that nobody alone keeps others from a host; and a small part of
// all, so that it takes many networks to keep others from what is new to us.
const (
	PerAsker = 10
	PerHost  = 20
	InAll    = 600

	AtOnceForOne = 4
	AtOnce       = 32
)

// Ration counts. It is safe for concurrent use.
type Ration struct {
	now    func() time.Time
	mu     sync.Mutex
	minute time.Time // when the present one began
	all    int
	hosts  map[string]int
	askers map[string]int
	busy   map[string]int // who has something fetched just now, and how much
	atOnce int            // the sum of busy

	used chan struct{} // full when enough of what is in use is fetched at a time
}

// New makes a Ration that has counted nothing yet.
func New(now func() time.Time) *Ration {
	return &Ration{now: now, hosts: map[string]int{}, askers: map[string]int{}, busy: map[string]int{}, used: make(chan struct{}, AtOnce)}
}

// Take counts one more fetch from a host for one who asks. It does not wait:
// fault.Throttled says that it may not be now. done must be called when the
// fetch is over.
func (r *Ration) Take(asker, host string) (done func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); now.Sub(r.minute) >= time.Minute || now.Before(r.minute) {
		r.minute, r.all = now, 0
		clear(r.hosts)
		clear(r.askers)
	}
	switch {
	case r.askers[asker] >= PerAsker:
		err = errors.New("too much was fetched for one network lately")
	case r.hosts[host] >= PerHost:
		err = errors.New("too much was fetched from one host lately")
	case r.all >= InAll:
		err = errors.New("too much was fetched lately")
	case r.busy[asker] >= AtOnceForOne || r.atOnce >= AtOnce:
		err = errors.New("too much is being fetched")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Throttled, "ration.Take", err)
	}
	r.all++
	r.hosts[host]++
	r.askers[asker]++
	r.atOnce++
	r.busy[asker]++
	return func() { r.give(asker) }, nil
}

// give ends a fetch.
func (r *Ration) give(asker string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.atOnce--
	if r.busy[asker]--; r.busy[asker] == 0 {
		delete(r.busy, asker)
	}
}

// Use is for what people use: it waits for its turn and counts nothing. Such
// things are few, and each is asked for by its own clock. The error is
// fault.Unavailable: ctx was done before.
func (r *Ration) Use(ctx context.Context) (done func(), err error) {
	select {
	case r.used <- struct{}{}:
		return func() { <-r.used }, nil
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, "ration.Use", ctx.Err())
	}
}
