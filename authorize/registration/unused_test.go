package registration_test

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// A client that never gets a token goes; one that got a token stays.
func TestUnusedClientsGo(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		unused, used := text(w.registered(), "client_id"), text(w.registered(), "client_id")
		for range 2 { // the second time is no work
			if err := w.book.Used(w.Context(), used); err != nil {
				w.Fatal(err)
			}
		}
		if err := w.book.Used(w.Context(), "fixed"); err != nil { // of an administrator
			w.Error(err)
		}
		w.clock.Add(registration.DefaultUnused - time.Second)
		if n, err := w.book.Sweep(w.Context()); n != 0 || err != nil {
			w.Errorf("too early: %d, %v", n, err)
		}
		w.clock.Add(time.Second)
		if n, err := w.book.Sweep(w.Context()); n != 1 || err != nil {
			w.Errorf("%d, %v", n, err)
		}
		if _, err := w.clients.Client(w.Context(), unused); !fault.Is(err, fault.NotFound) {
			w.Errorf("unused: %v", err)
		}
		if _, err := w.clients.Client(w.Context(), used); err != nil {
			w.Errorf("used: %v", err)
		}
		if len(w.ended) != 1 || w.ended[0] != unused {
			w.Errorf("ended: %v", w.ended)
		}
	})
}

func TestInitialTokens(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		for _, c := range []struct {
			uses int
			life time.Duration
		}{{0, time.Hour}, {registration.MaxUses + 1, time.Hour}, {1, 0}, {1, registration.MaxLife + 1}} {
			if _, _, err := w.book.AddToken(w.Context(), "", c.uses, c.life); !fault.Is(err, fault.Invalid) {
				w.Errorf("%+v: %v", c, err)
			}
		}
		plain, made, err := w.book.AddToken(w.Context(), "for the lab", 2, time.Hour)
		if err != nil {
			w.Fatal(err)
		}
		w.token(1, 2*time.Hour)
		list, err := w.book.Tokens(w.Context())
		if err != nil || len(list) != 2 {
			w.Fatalf("%v, %v", list, err)
		}
		if err := w.book.DeleteToken(w.Context(), made.ID); err != nil {
			w.Error(err)
		}
		if err := w.book.DeleteToken(w.Context(), made.ID); !fault.Is(err, fault.NotFound) {
			w.Errorf("twice: %v", err)
		}
		for range 300 { // one in 64 would begin like an option of the command
			_, made, err := w.book.AddToken(w.Context(), "", 1, time.Hour)
			if err != nil || made.ID[0] == '-' || w.book.DeleteToken(w.Context(), made.ID) != nil {
				w.Fatalf("%q: %v", made.ID, err)
			}
		}
		rec, _ := w.do("POST", "/register", plain, wiki)
		w.want("deleted", rec, 401, "invalid_token")
		w.clock.Add(2 * time.Hour)
		if list, err := w.book.Tokens(w.Context()); err != nil || len(list) != 0 {
			w.Errorf("%v, %v", list, err)
		}
	})
}
