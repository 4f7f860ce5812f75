package caddymodule

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// settlePause is how long it takes until what could not be settled is tried
	// again.
	settlePause = 5 * time.Second
	// settleWait is how long a request to the portal waits for the first try.
	settleWait = 5 * time.Second
)

// settle brings what outlives a configuration in line with this one: the issuer
// that is remembered, the declared users, the keys. It is called when all apps
// have started: a configuration that another app stops from starting must leave
// no trace in what the old one, which then stays, works with. What can be wrong
// with it was found before, so that an error here is a store in trouble; that is
// tried again as long as this configuration is at work.
func (a *App) settle(ctx context.Context, s *service) {
	defer close(s.settled)
	if err := a.trySettle(ctx, s); err != nil {
		s.log.Error("the configuration is not yet in force as a whole", zap.Error(err))
		go a.settleLater(s)
	}
}

func (a *App) settleLater(s *service) {
	pause := time.NewTicker(settlePause)
	defer pause.Stop()
	for {
		select {
		case <-a.running.ctx.Done():
			return
		case <-pause.C:
		}
		if !s.house.Acquire() {
			return
		}
		err := a.trySettle(a.running.ctx, s)
		s.house.Release()
		if err == nil {
			s.log.Info("the configuration is in force as a whole")
			return
		}
	}
}

func (a *App) trySettle(ctx context.Context, s *service) error {
	// In single-site mode no client binds anything to the issuer, so moving to
	// another port or on to a login host needs no word.
	if a.Issuer != "" {
		if err := s.rooms.KeepIssuer(ctx, s.issuer, a.PreviousIssuer); err != nil {
			return err
		}
	}
	if err := s.accounts.Declare(ctx, a.declared()); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	s.rooms.Sessions.Apply(store.Change{}) // who is gone from the file is out at once
	return s.rooms.Keys.Configure(a.keySettings())
}

// declared are the users that the configuration names.
func (a *App) declared() []account.Declared {
	if a.Users == nil {
		return nil
	}
	return a.Users.declared()
}

// awaitSettled waits until declared users can sign in and clients' tokens can be
// signed: the first requests may come before the last app has started.
func (s *service) awaitSettled(ctx context.Context) {
	select {
	case <-s.settled:
		return
	default:
	}
	patience := time.NewTimer(settleWait)
	defer patience.Stop()
	select {
	case <-s.settled:
	case <-ctx.Done():
	case <-patience.C:
	}
}
