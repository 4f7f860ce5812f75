package caddymodule

import (
	"math"
	"net/http"
	"slices"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/authorize/checksession"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// checker is the cookie and the frame by which clients' pages notice that the
// login changed (OpenID Connect Session Management); nil unless they are wanted.
func (a *App) checker(s *service, clients client.Directory) (*checksession.Checker, error) {
	if a.CheckSession == "" {
		return nil, nil
	}
	return checksession.New(checksession.Config{
		Issuer: s.issuer, Box: s.rooms.Master.Box("check_session"), CrossSite: a.CheckSession == crossSite,
		Origins: clients.RedirectOrigins,
	})
}

// buildLeaving makes the place where a client sends a person who signed out there
// (OpenID Connect RP-Initiated Logout).
func (c *protocol) buildLeaving() (err error) {
	c.leaving, err = endsession.New(endsession.Config{
		Issuer: c.issuer, Sessions: c.sessions, Keys: c.rooms.Keys, Clients: c.clients, Pages: logoutPages{c.portal.pages},
		Subject: c.subjects.For, Box: c.rooms.Master.Box("end_session"), Report: c.auditClient,
		Ended: func(_ http.ResponseWriter, r *http.Request, over *identity.Session) {
			c.audit.LoggedOut(source(r), over.User, over.SID)
		},
	})
	return err
}

// buildDevices lets people allow devices without a browser (RFC 8628).
func (c *protocol) buildDevices() (err error) {
	if slices.Contains(c.app.Disable, "device") {
		return nil
	}
	guesses := throttle.Config{Attempts: 5, AccountAttempts: 5, AddressAttempts: 20, Window: device.Life, Lock: device.Life}
	begins := throttle.Config{Attempts: 100, AccountAttempts: math.MaxInt32, AddressAttempts: 100, Window: device.Life, Lock: device.Life}
	c.devices, err = device.New(device.Config{
		Issuer: c.issuer, Requests: &device.Requests{Shorts: c.rooms.Shorts, Grants: c.rooms.Grants},
		Clients: c.clients, Sessions: c.sessions, Consents: c.consents, Book: c.book, Resources: c.resources, Pages: devicePages{c.portal.pages},
		Guesses: limits(c.rooms.Shorts, "device code ", guesses), Begins: limits(c.rooms.Shorts, "device ", begins),
		Box: c.rooms.Master.Box("device"), ClientIP: clientIP, Gate: c.gate, Audit: c.auditDevice,
	})
	return err
}

// buildConsent asks people what clients may know, and lets them take it back.
func (c *protocol) buildConsent() error {
	asking, err := consent.New(consent.Config{
		Issuer: c.issuer, Consents: c.consents, Requests: c.authorize, Sessions: c.sessions, Revoker: c.rooms.Grants,
		Pages: consentPages{c.portal.pages}, Clients: c.clients, Book: c.book, Resources: c.resources,
		Box: c.rooms.Master.Box("consent"), Audit: c.auditConsent,
	})
	if err != nil {
		return err
	}
	c.portal.add(asking.Routes())
	return nil
}

// tellClients tells the clients of sessions that ended, server to server, as
// long as this configuration is at work (OpenID Connect Back-Channel Logout).
func (c *protocol) tellClients() error {
	out := c.app.ways(egress.Options{Timeout: backchannel.DefaultTimeout})
	sender, err := backchannel.New(backchannel.Config{
		Issuer: c.issuer, Outbox: c.rooms.Logouts, Clients: c.clients, Signer: c.rooms.Keys, Subject: c.subjects.For,
		HTTP:   func(c *client.Client) backchannel.Doer { return out.to(c) },
		Report: c.app.noteDelivery,
		Failed: func(err error) { c.log.Error("telling clients of a logout", zap.Error(err)) },
	})
	if err != nil {
		return err
	}
	go sender.Run(c.app.running.ctx)
	return nil
}
