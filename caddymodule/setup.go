package caddymodule

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"
	"go.uber.org/zap"
	"golang.org/x/term"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// started hears that every app has started, the one that serves http included.
// Apps start in no order, so in Start the link could lead to nobody.
type started struct{ app *App }

// Handle implements caddyevents.Handler.
func (s started) Handle(context.Context, caddy.Event) error {
	if s.app.running.survey.Issuer == "" {
		return nil // nothing is guarded
	}
	ctx, cancel := context.WithTimeout(s.app.running.ctx, startLimit)
	defer cancel()
	svc, err := s.app.enter(ctx)
	if err != nil {
		return err
	}
	defer svc.house.Release()
	svc.house.LogTo(svc.log)
	s.app.settle(ctx, svc)
	return svc.offerSetup(ctx, terminal())
}

// awaitStart makes [started] hear of the start of this configuration.
func (a *App) awaitStart(ctx caddy.Context) error {
	module, err := ctx.App("events")
	if err != nil {
		return err
	}
	events, ok := module.(*caddyevents.App)
	if !ok {
		return fmt.Errorf("gatehouse: %T is not the events app", module)
	}
	return events.On("started", started{a})
}

// terminal is where an operator sits and watches; nil if nobody does. It is
// asked for by itself, since the log may go elsewhere though there is one.
func terminal() io.Writer {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		return os.Stderr
	}
	return nil
}

// offerSetup shows the one-time link for the first account where only the
// operator can see it: on the terminal, past the log, which may end in a file;
// or in the log of a loopback issuer. Elsewhere the log says which command
// prints it, since logs travel.
func (s *service) offerSetup(ctx context.Context, terminal io.Writer) error {
	needed, err := s.rooms.Accounts.NeedsSetup(ctx)
	if err != nil || !needed || !s.local {
		return err
	}
	if terminal == nil && !origin.Loopback(strings.TrimSuffix(s.issuer, singlePrefix)) {
		s.log.Info("there is no account yet: run `caddy gatehouse setup` for a link, or `caddy gatehouse user add`")
		return nil
	}
	token, err := s.rooms.Accounts.NewSetupLink(ctx)
	if err != nil {
		return err
	}
	s.audit.SetupLinkMade("start")
	link := s.issuer + "/setup?token=" + token
	if terminal != nil {
		_, err := fmt.Fprintf(terminal, "\nThere is no account yet. Open this link within an hour to make the first one:\n\n    %s\n\n", link)
		return err
	}
	s.log.Info("there is no account yet: open this link within an hour to make the first one", zap.String("link", link))
	return nil
}
