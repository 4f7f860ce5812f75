package caddymodule

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/page"
)

// Clients implements endsession.Sessions.
func (s allSessions) Clients(ctx context.Context, sid string) ([]string, error) {
	return s.manager.Clients(ctx, sid)
}

// frontChannel gives the frames of a session's clients to the login's own
// logout.
func frontChannel(server *endsession.Server) func(context.Context, string) ([]string, []string, error) {
	return func(ctx context.Context, sid string) ([]string, []string, error) {
		frames, err := server.FrontChannel(ctx, sid)
		return frames, endsession.FrameSources(frames), err
	}
}

// logoutPages shows what end_session can't do by itself.
type logoutPages struct{ *page.Pages }

// Confirm implements endsession.Pages.
func (p logoutPages) Confirm(w http.ResponseWriter, r *http.Request, v endsession.Confirm) error {
	return p.Write(w, r, http.StatusOK, page.Logout{
		Frame:  page.Frame{ClientName: v.ClientName, ClientLogo: v.ClientLogo, UILocales: v.UILocales},
		Action: v.Action, Token: v.Token, User: v.User, Unheeded: v.Unheeded,
	})
}

// SignedOut implements endsession.Pages.
func (p logoutPages) SignedOut(w http.ResponseWriter, r *http.Request, v endsession.SignedOut) error {
	return p.Write(w, r, http.StatusOK, page.LoggedOut{
		Frame:       page.Frame{ClientName: v.ClientName, ClientLogo: v.ClientLogo, UILocales: v.UILocales},
		ContinueURL: v.Return, Unheeded: v.Unheeded, Frames: v.FrontChannel, FrameSources: v.FrameSources,
	})
}

// The results that gatehouse_backchannel_logout_total counts by.
const (
	noticeDelivered = "delivered"
	noticeFailed    = "failed"  // will be tried again
	noticeGaveUp    = "gave_up" // the client was never told
)

// countNotices makes the counter of one configuration: Caddy has a registry for
// each. Every result is there from the beginning, so that an alarm on a rise
// sees the first.
func countNotices(registry *prometheus.Registry) (*prometheus.CounterVec, error) {
	notices := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gatehouse_backchannel_logout_total",
		Help: "Attempts to tell clients, server to server, that a session ended, by result",
	}, []string{"result"})
	for _, result := range []string{noticeDelivered, noticeFailed, noticeGaveUp} {
		notices.WithLabelValues(result)
	}
	if registry == nil { // as in a context without a configuration
		return notices, nil
	}
	return notices, registry.Register(notices)
}

// noteDelivery writes what came of telling a client that a session ended. A
// client that was never told may still take the person for signed in.
func (a *App) noteDelivery(_ context.Context, d backchannel.Delivery) {
	log, result := a.running.log, noticeDelivered
	fields := []zap.Field{zap.String("client", d.Client), zap.Int("attempt", d.Attempt), zap.Duration("duration", d.Took)}
	switch {
	case d.Err == nil:
		log.Debug("client told of a logout", fields...)
	case d.GaveUp:
		result = noticeGaveUp
		log.Error("client never told of a logout", append(fields, zap.Error(d.Err))...)
	default:
		result = noticeFailed
		log.Warn("client not told of a logout yet", append(fields, zap.Error(d.Err))...)
	}
	a.running.notices.WithLabelValues(result).Inc()
}
