package caddymodule

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/document"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// directory are the clients of this configuration and, where there is a login
// host, those that are kept in the database.
func (a *App) directory(s *service) (client.Directory, error) {
	configured, err := a.clients()
	if err != nil || s.single {
		return configured, err
	}
	return a.documents(s, registry.New(configured, s.rooms.Clients)), nil
}

// registering is where clients register themselves, nil where they can't.
func (a *App) registering(s *service) (*registration.Server, error) {
	if a.Registration == nil || s.single {
		return nil, nil
	}
	return registration.New(registration.Config{
		Issuer: s.issuer, Registrations: s.rooms.Registrations, Shorts: s.rooms.Shorts, Terms: a.Registration.build(a.called(s.issuer)...),
		Limits: registration.Limits{Clients: a.Registration.MaxClients, Unused: time.Duration(a.Registration.Unused)},
		From:   func(r *http.Request) string { return throttle.Network(clientIP(r)) },
		Audit: func(r *http.Request, event, client string) {
			s.audit.ClientChanged(source(r), client, event)
		},
		Report: func(r *http.Request, err error) { s.auditClient(r.Context(), err) },
	})
}

// documents adds clients whose id is the address of a document about them, where
// the configuration takes such.
func (a *App) documents(s *service, next client.Directory) client.Directory {
	if a.ClientIDMetadata == nil {
		return next
	}
	s.documents = document.New(document.Config{
		Next: next, Hosts: a.ClientIDMetadata.Hosts, Terms: a.ClientIDMetadata.build(a.called(s.issuer)...), Asker: askedFrom,
		HTTP:   a.ways(egress.Options{MaxBytes: document.MaxBytes, Timeout: document.MaxTime}).documented,
		Report: func(_ context.Context, err error) { s.log.Info("a client's document is not taken", zap.Error(err)) },
	})
	return s.documents
}

// called is what this provider is called, and its host.
func (a *App) called(issuer string) []string {
	list := []string{a.Pages.Product}
	if u, err := url.Parse(issuer); err == nil {
		list = append(list, u.Hostname())
	}
	return list
}

// clientUsed notes that a client which came by itself got a token, so that it
// stays. If it can't be noted now, the next token will do.
func (s *service) clientUsed(ctx context.Context, c *client.Client) {
	switch {
	case !c.Dynamic:
		return
	case c.Host() != "":
		s.documents.Used(c.ID)
		return
	}
	if err := s.rooms.Registrations.Used(ctx, c.ID); err != nil {
		s.log.Error("noting that a client is used", zap.Error(err))
	}
}
