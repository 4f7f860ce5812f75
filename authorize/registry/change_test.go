package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

func TestLifeOfAClient(t *testing.T) {
	each(t, func(w *world) {
		w.unknown("wiki")
		plain := w.create(wiki())
		c := w.client("wiki")
		if !secret.Valid(plain) || !c.Authenticate(plain) || c.Authenticate(plain[1:]+plain[:1]) { // OAU-11
			w.Error("the secret is not the one that was given")
		}
		if c.Name != "The Wiki" || !c.Redirects("https://wiki.example.com/cb") || c.UserSSOLifetime != time.Hour {
			w.Errorf("%+v", c)
		}
		if again, err := w.stored.Create(w.Context(), wiki()); !fault.Is(err, fault.Exists) || again != "" {
			w.Errorf("the same id again: %v", err)
		}
		more, err := w.stored.Update(w.Context(), "wiki", func(c *client.Client) error {
			if len(c.Secrets) > 0 {
				w.Error("whoever changes a client sees its secrets")
			}
			c.ID, c.Name, c.PostLogoutRedirectURIs = "other", "Wiki", []string{"https://wiki.example.com/bye"}
			return nil
		})
		if err != nil || more != "" {
			w.Fatal(err)
		}
		if c = w.client("wiki"); c.Name != "Wiki" || !c.Authenticate(plain) || !c.ReturnsTo("https://wiki.example.com/bye") {
			w.Errorf("%+v", c)
		}
		w.unknown("other")
		if err := w.stored.Delete(w.Context(), "wiki"); err != nil {
			w.Fatal(err)
		}
		w.unknown("wiki")
		if err := w.stored.Delete(w.Context(), "wiki"); !fault.Is(err, fault.NotFound) {
			w.Errorf("twice: %v", err)
		}
	})
}

// A client gets a secret when it begins to need one, and loses it when it does
// not any more.
func TestSecretComesAndGoes(t *testing.T) {
	each(t, func(w *world) {
		if plain := w.create(app("app")); plain != "" {
			w.Error("a public client has a secret")
		}
		set := func(public bool) string {
			w.Helper()
			plain, err := w.stored.Update(w.Context(), "app", func(c *client.Client) error {
				c.Public, c.RedirectURIs = public, []string{"https://app.example.com/cb"}
				return nil
			})
			if err != nil {
				w.Fatal(err)
			}
			return plain
		}
		first := set(false)
		if first == "" || !w.client("app").Authenticate(first) {
			w.Error("no secret")
		}
		if set(true) != "" || len(w.client("app").Secrets) != 0 {
			w.Error("a public client has a secret")
		}
		if second := set(false); second == first || w.client("app").Authenticate(first) || !w.client("app").Authenticate(second) {
			w.Error("an old secret came back")
		}
	})
}

func TestRotateSecret(t *testing.T) {
	each(t, func(w *world) {
		speak := w.follow()
		first := w.create(wiki())
		rotate := func(overlap time.Duration) string {
			w.Helper()
			plain, err := w.stored.RotateSecret(w.Context(), "wiki", overlap)
			if err != nil {
				w.Fatal(err)
			}
			return plain
		}
		good := func(when string, secrets ...string) {
			w.Helper()
			speak()
			for _, s := range secrets {
				if !w.client("wiki").Authenticate(s) {
					w.Errorf("%s: a secret is refused", when)
				}
			}
			if n := len(w.client("wiki").Secrets); n != len(secrets) {
				w.Errorf("%s: %d secrets are good, want %d", when, n, len(secrets))
			}
		}
		second := rotate(time.Hour)
		good("at first", first, second)
		w.clock.Add(time.Hour - time.Millisecond)
		good("at the end of the overlap", first, second)
		w.clock.Add(time.Millisecond) // nothing has changed in the database
		good("after it", second)
		third := rotate(0)
		good("at once", third)
		fourth := rotate(time.Hour)
		fifth := rotate(time.Minute)
		good("the shorter time counts", third, fourth, fifth)
		w.clock.Add(time.Minute)
		good("and is over", fifth)
		for range 9 {
			fifth = rotate(time.Hour)
		}
		if n := len(w.client("wiki").Secrets); n != 4 || !w.client("wiki").Authenticate(fifth) {
			w.Errorf("%d secrets are good", n)
		}
	})
}

// SES-18 and OAU-11: what is in the database opens nothing.
func TestNoSecretIsStored(t *testing.T) {
	each(t, func(w *world) {
		plain := w.create(wiki())
		next, err := w.stored.RotateSecret(w.Context(), "wiki", time.Hour)
		if err != nil {
			w.Fatal(err)
		}
		var kept string
		err = w.records.View(w.Context(), func(tx store.Tx) error {
			return tx.QueryRow(`SELECT id || settings || secrets FROM clients`).Scan(&kept)
		})
		if err != nil || !strings.Contains(kept, secret.Hash(plain)) || strings.Contains(kept, plain) || strings.Contains(kept, next) {
			w.Errorf("%v: %s", err, kept)
		}
		entry, err := w.stored.Find(w.Context(), "wiki")
		if err != nil {
			w.Fatal(err)
		}
		shown, err := json.Marshal(entry)
		if err != nil || strings.Contains(string(shown), secret.Hash(plain)) || len(entry.Client.Secrets) > 0 {
			w.Errorf("%v: %s", err, shown)
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(w *world) {
		w.create(wiki())
		w.create(app("app"))
		nothing := func(*client.Client) error { return nil }
		update := func(id string, f func(*client.Client) error) error {
			_, err := w.stored.Update(w.Context(), id, f)
			return err
		}
		create := func(c *client.Client) error {
			_, err := w.stored.Create(w.Context(), c)
			return err
		}
		rotate := func(id string, overlap time.Duration) error {
			_, err := w.stored.RotateSecret(w.Context(), id, overlap)
			return err
		}
		own := errors.New("own")
		for name, c := range map[string]struct {
			err  error
			kind fault.Kind
			says string // in what a person may see
		}{
			"all that is wrong":     {create(&client.Client{ID: "a b", Consent: "perhaps", RedirectURIs: []string{"http://x/#"}}), fault.Invalid, "id: must"},
			"the second mistake":    {create(&client.Client{ID: "a b", Consent: "perhaps", RedirectURIs: []string{"http://x/#"}}), fault.Invalid, "; redirect_uri"},
			"no id":                 {create(&client.Client{Public: true, RedirectURIs: []string{"https://x.example.com/"}}), fault.Invalid, "id: must"},
			"a guarded site's name": {create(app("https://app.example.com")), fault.Invalid, "id: must"},
			"a script":              {create(&client.Client{ID: "x", RedirectURIs: []string{"javascript:alert(1)"}}), fault.Invalid, "redirect_uri"}, // OAU-42
			"half a second":         {create(&client.Client{ID: "x", Public: true, RedirectURIs: []string{"https://x.example.com/"}, UserSSOLifetime: time.Second / 2}), fault.Invalid, "sso_lifetime"},
			"mistyped":              {update("wkii", nothing), fault.NotFound, "did you mean wiki?"},
			"nobody's":              {update("calendar", nothing), fault.NotFound, `no client "calendar"`},
			"made invalid":          {update("wiki", func(c *client.Client) error { c.RedirectURIs = nil; return nil }), fault.Invalid, "redirect_uri: at least one"},
			"the caller's own":      {update("wiki", func(*client.Client) error { return fault.Wrap(fault.Denied, "x", own) }), fault.Denied, ""},
			"nobody's secret":       {rotate("wik", 0), fault.NotFound, "did you mean wiki?"},
			"a public secret":       {rotate("app", 0), fault.Invalid, "proves itself by none"},
			"back in time":          {rotate("wiki", -1), fault.Invalid, "at most"},
			"for ever":              {rotate("wiki", registry.MaxOverlap+1), fault.Invalid, "at most"},
			"nobody's end":          {w.stored.Delete(w.Context(), "wiky"), fault.NotFound, "did you mean wiki?"},
		} {
			if !fault.Is(c.err, c.kind) || !strings.Contains(c.err.Error(), c.says) || strings.Contains(c.err.Error(), "\n") {
				w.Errorf("%s: %v", name, c.err)
			}
		}
		if c := w.client("wiki"); len(c.RedirectURIs) != 1 || len(c.Secrets) != 1 {
			w.Errorf("a refusal changed something: %+v", c)
		}
	})
}

// Exactly one of 64 gets the id and the secret that goes with it.
func TestOneCreates(t *testing.T) {
	each(t, func(w *world) {
		var mu sync.Mutex
		var given []string
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				plain, err := w.stored.Create(context.WithoutCancel(w.Context()), wiki())
				if err != nil && !fault.Is(err, fault.Exists) {
					w.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					given = append(given, plain)
				}
			})
		}
		wg.Wait()
		if len(given) != 1 || !w.client("wiki").Authenticate(given[0]) {
			w.Errorf("%d got the id", len(given))
		}
	})
}

func TestList(t *testing.T) {
	each(t, func(w *world) {
		want := []string{"a", "b", "c", "d", "e"}
		for _, id := range slices.Backward(want) {
			w.create(app(id))
		}
		err := w.records.Update(w.Context(), func(tx store.Tx) error {
			_, err := tx.Exec(`UPDATE clients SET settings = '{"v":2}' WHERE id = 'c'`)
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
		var got []string
		for cursor, more := "", true; more; more = cursor != "" {
			page, next, err := w.stored.List(w.Context(), cursor, 2)
			if err != nil || len(page) > 2 {
				w.Fatal(err)
			}
			for _, e := range page {
				got = append(got, e.ID)
				if (e.Problem != nil) != (e.ID == "c") || (e.Client == nil) != (e.ID == "c") {
					w.Errorf("%s: %v", e.ID, e.Problem)
				}
			}
			cursor = next
		}
		if !slices.Equal(got, want) {
			w.Errorf("%v", got)
		}
		if c, err := w.stored.Client(w.Context(), "c"); !fault.Is(err, fault.Internal) || c != nil {
			w.Errorf("what can't be read: %v", err)
		}
		if err := w.stored.Delete(w.Context(), "c"); err != nil {
			w.Error("what can't be read can't be deleted either: ", err)
		}
	})
}
