package house_test

import (
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/internal/house"
)

// waitFor waits for an event in a log.
func waitFor(t *testing.T, log *observer.ObservedLogs, name, username string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if log.FilterMessage(name).FilterField(zap.String("username", username)).Len() > 0 {
			return
		}
	}
	t.Errorf("no %s of %s in the log: %v", name, username, log.All())
}

// LOG-03: what happens in the house is written to the log of the configuration
// at work, not to that of the one that opened it; what a command does, too.
func TestEventsGoToTheLogAtWork(t *testing.T) {
	dir := t.TempDir()
	var l ledger
	firstCore, first := observer.New(zapcore.InfoLevel)
	secondCore, second := observer.New(zapcore.InfoLevel)
	plan := l.plan(dir)
	plan.Log = zap.New(firstCore)
	h := house.New(plan)
	defer h.Release()
	rooms, err := h.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	add := func(r *house.Rooms, name string) {
		t.Helper()
		if _, err := r.Accounts.Add(t.Context(), account.NewAccount{Username: name}); err != nil {
			t.Fatal(err)
		}
	}
	add(rooms, "alice")
	waitFor(t, first, "account.changed", "alice")
	h.LogTo(zap.New(secondCore))
	add(rooms, "bob")
	waitFor(t, second, "account.changed", "bob")

	plan.Visit, plan.Log = true, zap.NewNop()
	command := house.New(plan)
	visit, err := command.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	add(visit, "carl")
	command.Release()
	waitFor(t, second, "account.changed", "carl")
	if n := first.FilterField(zap.String("username", "bob")).Len() + first.FilterField(zap.String("username", "carl")).Len(); n != 0 {
		t.Errorf("%d entries in the log of before", n)
	}
}
