package device_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// at64 runs f 64 times at once and counts the winners.
func at64(f func(i int) bool) int {
	var wins atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range 64 {
		wg.Go(func() {
			<-start
			if f(i) {
				wins.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(wins.Load())
}

// Of 64 who decide at once one does, and of 64 who fetch what was allowed one
// gets it (OAU-39).
func TestOneWinner(t *testing.T) {
	onBoth(t, func(t *testing.T, s *device.Requests) {
		code, userCode, q := begin(t, s)
		decided := at64(func(i int) bool {
			var err error
			if i%2 == 0 {
				err = device.Allow(s, t.Context(), userCode, q, allowed(), time.Now())
			} else {
				err = device.Deny(s, t.Context(), userCode, q, "s")
			}
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Error(err)
			}
			return err == nil
		})
		if decided != 1 {
			t.Errorf("%d decisions", decided)
		}
		code, userCode, q = begin(t, s)
		if err := device.Allow(s, t.Context(), userCode, q, allowed(), time.Now()); err != nil {
			t.Fatal(err)
		}
		redeemed := at64(func(int) bool {
			got, err := s.Redeem(t.Context(), code, "tv")
			if err != nil && !strings.Contains(err.Error(), "invalid_grant") {
				t.Error(err)
			}
			return err == nil && got.Subject == "alice"
		})
		if redeemed != 1 {
			t.Errorf("%d of 64 got it", redeemed)
		}
	})
}

// Of two looks at the same instant one was too early, and none fails.
func TestPollAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *device.Requests) {
		code, _, _ := begin(t, s)
		pending := at64(func(int) bool {
			_, err := s.Redeem(t.Context(), code, "tv")
			if err == nil || !strings.Contains(err.Error(), "authorization_pending") && !strings.Contains(err.Error(), "slow_down") {
				t.Error(err)
			}
			return strings.Contains(err.Error(), "authorization_pending")
		})
		if pending != 1 {
			t.Errorf("%d of 64 were in time", pending)
		}
	})
}

// No code is in the store as it is (SES-18).
func TestNothingInTheClear(t *testing.T) {
	onBoth(t, func(t *testing.T, s *device.Requests) {
		code, userCode, q := begin(t, s)
		if err := device.Allow(s, t.Context(), userCode, q, allowed(), time.Now()); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []store.Kind{"device", "user code", "device grant"} {
			items, _, err := s.Shorts.ListByIndex(t.Context(), kind, "", "", "", 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range items {
				if text := item.Key + string(item.Value); strings.Contains(text, code) || strings.Contains(text, userCode) || strings.Contains(text, strings.ReplaceAll(userCode, "-", "")) {
					t.Errorf("%s: %s", kind, text)
				}
			}
		}
	})
}
