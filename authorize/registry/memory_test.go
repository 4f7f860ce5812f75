package registry_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

const wikiOrigin = "https://wiki.example.com"

func (w *world) allows(origin string, want bool) {
	w.Helper()
	if got, err := w.stored.AllowsOrigin(w.Context(), origin); err != nil || got != want {
		w.Errorf("%q: %v, %v", origin, got, err)
	}
}

// What was asked once is in memory, what there is and what there is not.
func TestRemembers(t *testing.T) {
	each(t, func(w *world) {
		w.create(wiki())
		speak := w.follow()
		ask := func() {
			w.client("wiki")
			w.unknown("nobody")
			w.allows(wikiOrigin, true)
			w.allows("https://evil.example.com", false)
		}
		if n := w.asks(ask); n != 4 {
			w.Errorf("asked %d times at first", n)
		}
		if n := w.asks(ask); n != 0 {
			w.Errorf("asked %d times again", n)
		}
		speak(store.Change{Topic: store.TopicKeys}, store.Change{Topic: store.TopicSubject, Key: "wiki"})
		if n := w.asks(ask); n != 0 {
			w.Errorf("asked %d times after changes of something else", n)
		}
		speak(store.Change{Topic: store.TopicClient, Key: "other"})
		if n := w.asks(func() { w.client("wiki"); w.unknown("nobody") }); n != 0 {
			w.Errorf("asked %d times after a change of another client", n)
		}
		speak(store.Change{Topic: store.TopicClient, Key: "nobody"})
		speak(store.Change{Topic: store.TopicClient, Key: "wiki"})
		if n := w.asks(ask); n != 4 {
			w.Errorf("asked %d times after a change", n)
		}
		speak(store.Change{})
		if n := w.asks(ask); n != 4 {
			w.Errorf("asked %d times after a gap in the feed", n)
		}
	})
}

// What can't be a client or an origin is not looked for.
func TestNotAsked(t *testing.T) {
	each(t, func(w *world) {
		n := w.asks(func() {
			for _, id := range []string{"", "a b", "https://app.example.com", strings.Repeat("x", 101), "ü", "a\x00"} {
				w.unknown(id)
			}
			for _, origin := range []string{"", "null", "https://a.example.com/", "HTTPS://a.example.com", "https://" + strings.Repeat("a.", 200) + "example"} {
				w.allows(origin, false)
			}
		})
		if n != 0 {
			w.Errorf("asked %d times", n)
		}
	})
}

// A feed that is silent for more than five seconds makes every question go to
// the database, and one that does not answer is a refusal (SES-09, as amended,
// for clients).
func TestSilentFeed(t *testing.T) {
	each(t, func(w *world) {
		w.create(wiki())
		w.client("wiki")
		ask := func() { w.client("wiki"); w.unknown("nobody"); w.allows(wikiOrigin, true) }
		if n := w.asks(ask); n != 3 {
			w.Errorf("before there is a feed: asked %d times", n)
		}
		speak := w.follow()
		ask()
		w.clock.Add(5 * time.Second)
		if n := w.asks(ask); n != 0 {
			w.Errorf("after 5 s: asked %d times", n)
		}
		w.clock.Add(time.Millisecond)
		if n := w.asks(ask); n != 3 {
			w.Errorf("after more than 5 s: asked %d times", n)
		}
		w.records.down.Store(true)
		if _, err := w.stored.Client(w.Context(), "wiki"); !fault.Is(err, fault.Unavailable) {
			w.Errorf("a client that can't be asked about: %v", err)
		}
		if ok, err := w.stored.AllowsOrigin(w.Context(), wikiOrigin); ok || !fault.Is(err, fault.Unavailable) {
			w.Errorf("an origin that can't be asked about: %v", err)
		}
		w.records.down.Store(false)
		speak() // it works again, and may have missed something
		if n := w.asks(ask); n != 3 {
			w.Errorf("after a silence: asked %d times", n)
		}
		if n := w.asks(ask); n != 0 {
			w.Errorf("and then: asked %d times", n)
		}
	})
}

// DOS-05: questions of strangers fill no memory and push nobody out of it.
func TestBounds(t *testing.T) {
	each(t, func(w *world) {
		w.create(wiki())
		w.follow()
		w.client("wiki")
		w.allows(wikiOrigin, true)
		for i := range 5000 {
			w.unknown(fmt.Sprint("stranger-", i))
			w.allows(fmt.Sprintf("https://h%d.example.com", i), false)
		}
		if n := w.asks(func() { w.client("wiki"); w.allows(wikiOrigin, true) }); n != 0 {
			w.Error("strangers pushed out what is in use")
		}
		if n := w.stored.Remembered(); n > 2*4096+2 {
			w.Errorf("%d answers are remembered", n)
		}
		for i := range 20 {
			w.create(app(fmt.Sprint("app-", i)))
			w.client(fmt.Sprint("app-", i))
			w.client("wiki") // is asked for all the time, and stays
		}
		if n := w.asks(func() { w.client("wiki") }); n != 0 {
			w.Error("what is in use was pushed out")
		}
	})
}

// What was read before a change and arrives after it is not remembered.
func TestChangeWhileReading(t *testing.T) {
	each(t, func(w *world) {
		w.create(wiki())
		speak := w.follow()
		overtaken := func() {
			w.records.after.Store(nil)
			err := w.records.Update(w.Context(), func(tx store.Tx) error { // another process
				_, err := tx.Exec(`DELETE FROM clients`)
				return err
			})
			if err != nil {
				w.Error(err)
			}
			speak(store.Change{Topic: store.TopicClient, Key: "wiki"})
		}
		w.records.after.Store(&overtaken)
		w.client("wiki") // as it was when the question came
		w.unknown("wiki")
	})
}

// What one process changes another one knows within a second, and this one at
// once.
func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	a := newWorld(t, storetest.NewClock(), openFile(t, path)).stored
	records := openFile(t, path)
	b := registry.NewStored(records, registry.Options{})
	ready := make(chan struct{}, 1)
	go records.Watch(t.Context(), func([]store.Change) {
		select {
		case ready <- struct{}{}:
		default:
		}
	})
	go b.Run(t.Context())
	<-ready
	within := func(what string, seen func() bool) {
		t.Helper()
		for begin := time.Now(); !seen(); time.Sleep(5 * time.Millisecond) {
			if time.Since(begin) > time.Second {
				t.Fatalf("%s: not known after a second", what)
			}
		}
	}
	exists := func() bool { c, _ := b.Client(t.Context(), "wiki"); return c != nil }
	allowed := func() bool { ok, _ := b.AllowsOrigin(t.Context(), wikiOrigin); return ok }
	if exists() || allowed() {
		t.Fatal("there is one")
	}
	if _, err := a.Create(t.Context(), wiki()); err != nil {
		t.Fatal(err)
	}
	within("made", exists)
	within("its origin", allowed)
	_, err := a.Update(t.Context(), "wiki", func(c *client.Client) error { c.AllowedOrigins = nil; return nil })
	if err != nil {
		t.Fatal(err)
	}
	within("no origin", func() bool { return !allowed() })
	if err := a.Delete(t.Context(), "wiki"); err != nil {
		t.Fatal(err)
	}
	within("deleted", func() bool { return !exists() })
}

// Where pages of clients are, each origin once, is known at once after a change,
// and read once between changes.
func TestRedirectOrigins(t *testing.T) {
	each(t, func(w *world) {
		speak := w.follow()
		r := registry.New(client.Static{"a": {ID: "a", RedirectURIs: []string{"https://a.example.com/cb", "https://a.example.com/cb2", "com.example.a:/cb"}}}, w.stored)
		check := func(want ...string) {
			w.Helper()
			if got, err := r.RedirectOrigins(w.Context()); err != nil || !slices.Equal(got, want) {
				w.Errorf("got %v, %v, want %v", got, err, want)
			}
		}
		check("https://a.example.com")
		w.create(wiki())
		speak()
		check("https://a.example.com", wikiOrigin)
		if n := w.asks(func() { check("https://a.example.com", wikiOrigin) }); n > 0 {
			w.Errorf("read again, %d times", n)
		}
		for i := range 6 {
			c := app(fmt.Sprintf("app-%d", i))
			for j := range 100 {
				c.RedirectURIs = append(c.RedirectURIs, fmt.Sprintf("https://app-%d.example.com:%d/", i, 1000+j))
			}
			w.create(c)
		}
		if got, err := r.RedirectOrigins(w.Context()); err != nil || len(got) != 500 {
			w.Errorf("%d, %v", len(got), err)
		}
		w.records.down.Store(true)
		speak(store.Change{})
		if got, err := r.RedirectOrigins(w.Context()); !fault.Is(err, fault.Unavailable) {
			w.Errorf("%v, %v", got, err)
		}
		if got, err := registry.New(client.Static{}, nil).RedirectOrigins(w.Context()); err != nil || len(got) != 0 {
			w.Errorf("%v, %v", got, err)
		}
	})
}

// The configuration comes first.
func TestRegistry(t *testing.T) {
	each(t, func(w *world) {
		w.create(wiki())
		w.create(app("app"))
		configured := client.Static{"wiki": {ID: "wiki", Name: "Configured", AllowedOrigins: []string{"https://other.example.com"}}}
		r := registry.New(configured, w.stored)
		if c, err := r.Client(w.Context(), "wiki"); err != nil || c.Name != "Configured" {
			w.Errorf("%+v, %v", c, err)
		}
		if c, err := r.Client(w.Context(), "app"); err != nil || c.ID != "app" {
			w.Errorf("%+v, %v", c, err)
		}
		if _, err := r.Client(w.Context(), "nobody"); !fault.Is(err, fault.NotFound) {
			w.Error(err)
		}
		for origin, want := range map[string]bool{wikiOrigin: true, "https://other.example.com": true, "https://evil.example.com": false} {
			if got, err := r.AllowsOrigin(w.Context(), origin); err != nil || got != want {
				w.Errorf("%s: %v, %v", origin, got, err)
			}
		}
		alone := registry.New(configured, nil)
		if _, err := alone.Client(w.Context(), "app"); !fault.Is(err, fault.NotFound) {
			w.Error(err)
		}
		if ok, err := alone.AllowsOrigin(w.Context(), wikiOrigin); ok || err != nil {
			w.Error(ok, err)
		}
	})
}
