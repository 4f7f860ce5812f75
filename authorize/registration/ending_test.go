package registration_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// cut are records whose user hangs up in the middle: before transaction number
// at, or right after it.
type cut struct {
	store.Records
	n, at int
	after bool
	hang  context.CancelFunc // nil: nobody hangs up
}

func (c *cut) around(do func() error) error {
	c.n++
	if c.hang != nil && c.n == c.at && !c.after {
		c.hang()
	}
	err := do()
	if c.hang != nil && c.n == c.at && c.after {
		c.hang()
	}
	return err
}

func (c *cut) View(ctx context.Context, f func(store.Tx) error) error {
	return c.around(func() error { return c.Records.View(ctx, f) })
}

func (c *cut) Update(ctx context.Context, f func(store.Tx) error) error {
	return c.around(func() error { return c.Records.Update(ctx, f) })
}

// hangingUp sends a request of which the sender hangs up at a step, and tells
// whether there was such a step.
func (w *world) hangingUp(c *cut, at int, after bool, method, path, token, body string) bool {
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	c.n, c.at, c.after, c.hang = 0, at, after, cancel
	defer func() { c.hang = nil }()
	r := httptest.NewRequestWithContext(ctx, method, strings.TrimPrefix(path, issuer), strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	w.http.ServeHTTP(httptest.NewRecorder(), r)
	return c.n >= at
}

// Whenever who changes or deletes a registration hangs up: if it is changed,
// what people granted it is ended at once.
func TestHangingUp(t *testing.T) {
	eachCut(t, func(w *world, c *cut) {
		for _, method := range []string{http.MethodPut, http.MethodDelete} {
			for _, after := range []bool{false, true} {
				for at, more := 1, true; more; at++ {
					w.ended = nil
					told := w.registered()
					id := text(told, "client_id")
					more = w.hangingUp(c, at, after, method, "/register/"+id, text(told, "registration_access_token"),
						`{"client_id":"`+id+`","redirect_uris":["https://wiki.example.com/2"]}`)
					now, err := w.clients.Client(w.Context(), id)
					changed := fault.Is(err, fault.NotFound) || now.Redirects("https://wiki.example.com/2")
					if ended := slices.Contains(w.ended, id); ended != changed {
						w.Errorf("%s, hung up at %d (after: %v): changed %v, ended %v", method, at, after, changed, ended)
					}
				}
			}
		}
	})
}

// The same for the sweep, which the end of the process cuts.
func TestSweepCut(t *testing.T) {
	eachCut(t, func(w *world, c *cut) {
		for _, after := range []bool{false, true} {
			for at, more := 1, true; more; at++ {
				w.ended = nil
				id := text(w.registered(), "client_id")
				w.clock.Add(registration.DefaultUnused)
				ctx, cancel := context.WithCancel(w.Context())
				c.n, c.at, c.after, c.hang = 0, at, after, cancel
				w.book.Sweep(ctx) //nolint:errcheck // cut
				more, c.hang = c.n >= at, nil
				_, err := w.clients.Client(w.Context(), id)
				if gone, ended := fault.Is(err, fault.NotFound), slices.Contains(w.ended, id); gone != ended {
					w.Errorf("cut at %d (after: %v): gone %v, ended %v", at, after, gone, ended)
				}
				cancel()
			}
		}
	})
}

// If what people granted can't be ended, or the process dies first, it is ended
// later: by the next change that says the same, or by the sweep.
func TestEndingIsNotForgotten(t *testing.T) {
	for _, again := range []string{"change", "sweep", "sweep after deletion"} {
		t.Run(again, func(t *testing.T) {
			each(t, registration.Limits{}, func(w *world) {
				told := w.registered()
				id, token := text(told, "client_id"), text(told, "registration_access_token")
				whole := w.book.End
				w.book.End = func(context.Context, string) error { return errors.New("no store") }
				const path = "/register/"
				if again == "sweep after deletion" {
					w.do("DELETE", path+id, token, "")
				} else {
					w.do("PUT", path+id, token, `{"client_id":"`+id+`","redirect_uris":["https://wiki.example.com/2"]}`)
				}
				w.book.End = whole
				if again == "change" {
					rec, _ := w.do("PUT", path+id, token, `{"client_id":"`+id+`","redirect_uris":["https://wiki.example.com/2"]}`)
					w.want("again", rec, http.StatusOK, "")
				} else if _, err := w.book.Sweep(w.Context()); err != nil {
					w.Fatal(err)
				}
				if !slices.Equal(w.ended, []string{id}) {
					w.Errorf("ended: %v", w.ended)
				}
				if _, err := w.book.Sweep(w.Context()); err != nil || len(w.ended) != 1 {
					w.Errorf("once more: %v, %v", w.ended, err)
				}
			})
		})
	}
}

// eachCut is each over records that can be cut, with an end that heeds its
// context, as stores do.
func eachCut(t *testing.T, test func(*world, *cut)) {
	each(t, registration.Limits{}, func(w *world) {
		c := &cut{Records: w.records}
		w.wire(c, registration.Limits{})
		whole := w.book.End
		w.book.End = func(ctx context.Context, id string) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return whole(ctx, id)
		}
		test(w, c)
	})
}
