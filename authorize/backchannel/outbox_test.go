package backchannel_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// records is an empty store in memory.
func records(t *testing.T) store.Records {
	t.Helper()
	r, err := memory.OpenRecords(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// Four processes send what is in one outbox: each client is told once of each
// session, though each end was noted twice.
func TestSeveralProcesses(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Records) {
		w := newWorld(t, open())
		for i := range 32 {
			w.over(fmt.Sprint("sid", i), "wiki", "mail")
			w.over(fmt.Sprint("sid", i), "mail", "wiki")
		}
		w.pending(64)
		var all sync.WaitGroup
		for range 4 {
			other := w.sender(backchannel.NewOutbox(open(), w.clock.Now))
			all.Go(func() {
				if _, err := other.Deliver(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.pending(0)
		seen := map[string]bool{}
		for _, token := range w.app.got() {
			claims := read(t, token)
			seen[fmt.Sprint(claims["sid"], claims["aud"])] = true
		}
		if len(seen) != 64 || len(w.app.got()) != 64 {
			t.Errorf("%d of 64 were told, %d requests", len(seen), len(w.app.got()))
		}
	})
}

// While one process waits for an answer no other sends the same notice; if it
// dies, another does when the lease is over.
func TestLease(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Records) {
		w := newWorld(t, open())
		under, release := make(chan struct{}), make(chan struct{})
		w.app.answer = func(_ http.ResponseWriter, _ *http.Request, nth int) {
			if nth == 1 {
				close(under)
				<-release
			}
		}
		w.over("sid", "wiki")
		slow := w.sender(w.outbox, func(cfg *backchannel.Config) { cfg.Timeout = 10 * time.Second })
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := slow.Deliver(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		<-under
		other := w.sender(backchannel.NewOutbox(open(), w.clock.Now))
		next, err := other.Deliver(t.Context())
		if err != nil || len(w.app.got()) != 1 || next.Sub(w.clock.Now()) < 10*time.Second {
			t.Errorf("sent %d, next %v, %v", len(w.app.got()), next, err)
		}
		w.clock.pass(time.Minute) // as if slow had died
		if _, err := other.Deliver(t.Context()); err != nil || len(w.app.got()) != 2 {
			t.Errorf("after the lease: sent %d, %v", len(w.app.got()), err)
		}
		w.pending(0)
		close(release)
		<-done
		w.pending(0)
	})
}

// A sender that is stopped half-way counts no failure and leaves the notice.
func TestStopHalfWay(t *testing.T) {
	w := newWorld(t, records(t))
	under := make(chan struct{})
	w.app.answer = func(_ http.ResponseWriter, r *http.Request, nth int) {
		if nth == 1 {
			close(under)
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // see TestAnswers
		}
	}
	w.over("sid", "wiki")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-under
		cancel()
	}()
	if _, err := w.Deliver(ctx); err == nil {
		t.Error("no error though it was stopped")
	}
	w.pending(1)
	if d := w.told(); len(d) != 0 {
		t.Errorf("%+v", d)
	}
	w.deliver()
	if d := w.told(); len(d) != 1 || d[0].Attempt != 1 || d[0].Err != nil {
		t.Errorf("%+v", d)
	}
}

// A running sender hears of an end at once, from another process too, and ends
// when it is told.
func TestRun(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Records) {
		w := newWorld(t, open())
		w.over("before", "wiki")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.Run(ctx)
		}()
		wait(t, w.reported)
		command := backchannel.NewOutbox(open(), w.clock.Now)
		if err := command.Ended(t.Context(), "by command", alice, []string{"mail"}); err != nil {
			t.Fatal(err)
		}
		wait(t, w.reported)
		cancel()
		wait(t, done)
		if err := command.Ended(t.Context(), "nobody knows of it", alice, nil); err != nil {
			t.Error(err)
		}
		w.pending(0)
	})
}

func wait(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(5 * time.Second):
		t.Fatal("nothing happened")
	}
}
