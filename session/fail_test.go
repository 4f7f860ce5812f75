package session_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// failing fails at one method.
type failing struct {
	store.Shorts
	at atomic.Value // string
}

func (f *failing) err(at string) error {
	if f.at.Load() == at {
		return fault.Wrap(fault.Unavailable, "failing", errors.New(at))
	}
	return nil
}

func (f *failing) Get(ctx context.Context, kind store.Kind, key string) (store.Item, error) {
	if err := f.err("get " + string(kind)); err != nil {
		return store.Item{}, err
	}
	return f.Shorts.Get(ctx, kind, key)
}

func (f *failing) Create(ctx context.Context, item store.Item) error {
	if err := f.err("create " + string(item.Kind)); err != nil {
		return err
	}
	return f.Shorts.Create(ctx, item)
}

func (f *failing) Swap(ctx context.Context, item store.Item) (int64, error) {
	if err := f.err("swap"); err != nil {
		return 0, err
	}
	return f.Shorts.Swap(ctx, item)
}

func (f *failing) Delete(ctx context.Context, kind store.Kind, key string) error {
	if err := f.err("delete " + string(kind)); err != nil {
		return err
	}
	return f.Shorts.Delete(ctx, kind, key)
}

func (f *failing) Take(ctx context.Context, kind store.Kind, key, by string) (store.Item, error) {
	if err := f.err("take"); err != nil {
		return store.Item{}, err
	}
	return f.Shorts.Take(ctx, kind, key, by)
}

func (f *failing) Publish(ctx context.Context, changes ...store.Change) error {
	if err := f.err("publish"); err != nil {
		return err
	}
	return f.Shorts.Publish(ctx, changes...)
}

// A store that fails at any one step gives an error and no cookie, never a
// session. PRX-02
func TestStoreFails(t *testing.T) {
	for _, at := range []string{"get session", "get handle", "get ticket", "create session", "create handle", "create ticket", "swap", "take", "delete session", "publish"} {
		f := &failing{Shorts: memory.NewShorts(memory.Options{})}
		h := newHouse(t, f, session.Config{}, session.Options{})
		b := browser{}
		sess := h.begin(b, h.portal, alice, false)
		ticket, err := h.manager.Ticket(t.Context(), sess.SID, visit(h.app, "/"))
		if err != nil {
			t.Fatal(err)
		}
		f.at.Store(at)
		failed := 0
		note := func(what string, w *httptest.ResponseRecorder, err error) {
			if err == nil {
				return
			}
			failed++
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s: %s: %v", at, what, err)
			}
			late := at == "get handle" && what == "Redeem"
			if w != nil && len(w.Result().Cookies()) != 0 && !late {
				t.Errorf("%s: %s set %v", at, what, w.Result().Cookies())
			}
		}
		_, err = h.portal.Current(b.request(h.portal))
		note("Current", nil, err)
		w := httptest.NewRecorder()
		_, err = h.portal.Begin(w, browser{}.request(h.portal), bob, login("pwd"), false)
		note("Begin", w, err)
		w = httptest.NewRecorder()
		_, _, err = h.app.Redeem(w, browser{}.request(h.app), ticket, binder)
		note("Redeem", w, err)
		_, err = h.manager.Ticket(t.Context(), sess.SID, visit(h.app, "/"))
		note("Ticket", nil, err)
		note("Join", nil, h.manager.Join(t.Context(), sess.SID, "wiki"))
		w = httptest.NewRecorder()
		_, err = h.portal.Begin(w, b.request(h.portal), alice, login("otp"), false)
		note("Begin again", w, err)
		if err == nil {
			b.keep(h.portal, w)
		}
		w = httptest.NewRecorder()
		_, err = h.portal.Begin(w, b.request(h.portal), bob, login("otp"), false)
		note("Begin as somebody else", w, err)
		w = httptest.NewRecorder()
		note("End", w, h.portal.End(w, b.request(h.portal)))
		if failed == 0 {
			t.Errorf("%s: nothing failed", at)
		}
	}
}

// A Begin that can't set its cookie leaves no session behind.
func TestFailedBeginLeavesNothing(t *testing.T) {
	f := &failing{Shorts: memory.NewShorts(memory.Options{})}
	f.at.Store("create handle")
	h := newHouse(t, f, session.Config{}, session.Options{})
	if _, err := h.portal.Begin(httptest.NewRecorder(), browser{}.request(h.portal), alice, login("pwd"), false); err == nil {
		t.Fatal("no error")
	}
	if infos, _, err := h.manager.List(t.Context(), "", "", 10); err != nil || len(infos) != 0 {
		t.Errorf("left: %+v, %v", infos, err)
	}
}

// Uses that can't be written are kept for the next time.
func TestFailedFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &failing{Shorts: memory.NewShorts(memory.Options{})}
		var reports atomic.Int64
		h := newHouse(t, f, session.Config{}, session.Options{Report: func(error) { reports.Add(1) }})
		h.run()
		b, c := browser{}, browser{}
		h.begin(b, h.portal, alice, false)
		h.begin(c, h.portal, bob, false)
		time.Sleep(10 * time.Minute)
		for _, who := range []browser{b, c} {
			live, _ := h.portal.Current(who.request(h.portal))
			live.Used()
		}
		used := time.Now()
		f.at.Store("swap")
		time.Sleep(5 * time.Minute)
		f.at.Store("")
		time.Sleep(time.Minute)
		infos, _, err := h.manager.List(t.Context(), "", "", 10)
		if err != nil || len(infos) != 2 || reports.Load() == 0 {
			t.Fatalf("%+v, %v, %d reports", infos, err, reports.Load())
		}
		for _, info := range infos {
			if info.Used.Before(used.Truncate(time.Millisecond)) {
				t.Errorf("%+v", info)
			}
		}
	})
}

// stubborn is a feed that breaks off.
type stubborn struct {
	store.Shorts
	calls atomic.Int64
}

func (s *stubborn) Watch(ctx context.Context, f func([]store.Change)) error {
	if s.calls.Add(1) < 4 {
		return errors.New("broken off")
	}
	return s.Shorts.Watch(ctx, f)
}

// A feed that breaks off is followed again, and nothing is relied on meanwhile.
func TestFeedBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stubborn{Shorts: memory.NewShorts(memory.Options{})}
		h := newHouse(t, s, session.Config{}, session.Options{})
		h.run()
		b := browser{}
		h.begin(b, h.portal, alice, false)
		h.expect(b, h.portal, "alice")
		h.accounts.put(&identity.User{Subject: alice, Username: "alice2"})
		h.expect(b, h.portal, "alice2") // nobody told, and nobody had to
		time.Sleep(5 * time.Second)
		h.expect(b, h.portal, "alice2")
		h.accounts.put(&identity.User{Subject: alice, Username: "alice3"})
		h.expect(b, h.portal, "alice2") // now a feed would have told
	})
}

// A record that can't be read is as good as absent: nobody gets in by it, and
// a new login works. SES-04
func TestCorruptRecord(t *testing.T) {
	for _, kind := range []store.Kind{"session", "handle"} {
		shorts := memory.NewShorts(memory.Options{})
		h := newHouse(t, shorts, session.Config{}, session.Options{})
		b := browser{}
		h.begin(b, h.portal, alice, false)
		items, _, err := shorts.ListByIndex(t.Context(), kind, "", "", "", 10)
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		items[0].Value = []byte(`{"sub":`)
		if _, err := shorts.Swap(t.Context(), items[0]); err != nil {
			t.Fatal(err)
		}
		h.expect(b, h.portal, "")
		h.begin(b, h.portal, alice, false)
		h.expect(b, h.portal, "alice")
	}
}
