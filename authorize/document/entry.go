package document

import (
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
	failure error // of the last attempt
}

// entry finds or makes the entry of an id. When there are too many, one without
// a client goes first, and of those the one that was tried longest ago: made-up
// addresses push nothing out that is in use.
func (d *Directory) entry(id string) *entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e := d.known[id]; e != nil {
		return e
	}
	if len(d.known) >= most {
		var worst *entry
		for _, e := range d.known {
			if worst == nil || e.worse(worst) {
				worst = e
			}
		}
		delete(d.known, worst.id)
	}
	e := &entry{id: id, turn: make(chan struct{}, 1)}
	d.known[id] = e
	return e
}

// worse tells whether e is to be forgotten rather than other.
func (e *entry) worse(other *entry) bool {
	if (e.client == nil) != (other.client == nil) {
		return e.client == nil
	}
	return e.tried.Before(other.tried)
}

const (
	// perHost and inAll are how many documents are fetched in a minute, from one
	// host and altogether; atOnce how many at a time.
	perHost = 20
	inAll   = 200
	atOnce  = 8
)

// quota counts what was fetched in the present minute.
type quota struct {
	minute time.Time
	all    int
	hosts  map[string]int
}

// take tells whether one more may be fetched from a host, and counts it.
func (q *quota) take(host string, now time.Time) bool {
	if minute := now.Truncate(time.Minute); !minute.Equal(q.minute) {
		*q = quota{minute: minute, hosts: map[string]int{}}
	}
	if q.all >= inAll || q.hosts[host] >= perHost {
		return false
	}
	q.all++
	q.hosts[host]++
	return true
}
