package caddymodule

import (
	"context"
	"os"
	"strings"

	"go.uber.org/zap"
	"golang.org/x/term"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// offerSetup shows the one-time link for the first account where only the
// operator can see it: in the log of a loopback issuer or on a terminal.
// Elsewhere the log says which command prints it, since logs travel.
func (s *service) offerSetup(ctx context.Context) error {
	needed, err := s.rooms.Accounts.NeedsSetup(ctx)
	if err != nil || !needed || !s.local {
		return err
	}
	if !origin.Loopback(strings.TrimSuffix(s.issuer, singlePrefix)) && !term.IsTerminal(int(os.Stderr.Fd())) {
		s.log.Info("there is no account yet: run `caddy gatehouse setup` for a link, or `caddy gatehouse user add`")
		return nil
	}
	token, err := s.rooms.Accounts.NewSetupLink(ctx)
	if err != nil {
		return err
	}
	s.log.Info("there is no account yet: open this link within an hour to make the first one", zap.String("link", s.issuer+"/setup?token="+token))
	return nil
}
