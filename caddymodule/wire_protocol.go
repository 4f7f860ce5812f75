package caddymodule

import (
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/authorize/checksession"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/authorize/subject"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/session"
)

// buildProtocol joins what clients speak to, and gives it its addresses on the
// portal.
func (a *App) buildProtocol(s *service, site *session.Site, sessions issuerSessions, clients client.Directory, p *portal) (*authorize.Server, error) {
	all := allSessions{sessions, s.rooms.Sessions}
	leaving, err := s.leaving(p, all, clients)
	if err != nil {
		return nil, err
	}
	book, err := a.book()
	if err != nil {
		return nil, err
	}
	registering, err := a.registering(s)
	if err != nil {
		return nil, err
	}
	consents := &consent.Consents{Records: s.rooms.Records, Shorts: s.rooms.Shorts}
	devices, err := s.devices(p, all, clients, consents, book, a.resources())
	if err != nil {
		return nil, err
	}
	out := a.ways(egress.Options{})
	server, err := authorize.New(authorize.Config{
		Issuer: s.issuer, Clients: clients, Book: book, Resources: a.resources(), Subjects: subject.New(s.rooms.Master), Providers: a.providerNames(), ClassProviders: a.classProviders(), SigningAlgs: a.Keys.Algorithms,
		CertificateBase: a.CertificateBase, RequirePushedRequests: a.RequirePushedRequests, RequireSignedRequests: a.RequireSignedRequests, UILocales: p.pages.Languages(),
		Sessions: all, Sites: sites{s.rooms.Sessions, s.sites},
		Signer: s.rooms.Keys, Jar: site, Grants: s.rooms.Grants, Pushed: &pushed.Requests{Shorts: s.rooms.Shorts}, Accounts: s.rooms.Accounts,
		Box: s.rooms.Master.Box("authorize"), Report: s.auditClient, Consents: consents,
		EndSession: leaving, Device: devices, CheckSession: sessions.state, Disabled: a.Disable, CreateAccount: a.createAccount(),
		Gate: clientGate(time.Now), ClientIP: clientIP,
		Proofs:     token.Possession(s.rooms.Shorts, s.rooms.Master.Box("dpop nonce"), time.Now),
		ClientKeys: clientKeys(out), Registration: registering, Documents: a.ClientIDMetadata != nil, Used: s.clientUsed,
		Pushes: s.pushes(),
	})
	if err != nil {
		return nil, err
	}
	p.add(server.Routes())
	if a.CertificateBase != "" {
		s.certificates = &portal{service: s, hosts: guard.NewHosts([]string{a.CertificateBase}), pages: p.pages, mux: http.NewServeMux(), patience: p.patience}
		s.certificates.add(server.CertificateRoutes())
	}
	if s.single { // there are no clients that could ask for a logout, or be told of one
		return server, nil
	}
	asking, err := consent.New(consent.Config{
		Issuer: s.issuer, Consents: consents, Requests: server, Sessions: sessions, Revoker: s.rooms.Grants,
		Pages: consentPages{p.pages}, Clients: clients, Book: book, Resources: a.resources(), Box: s.rooms.Master.Box("consent"), Audit: s.auditConsent,
	})
	if err != nil {
		return nil, err
	}
	for pattern, serve := range asking.Routes() {
		p.mux.HandleFunc(pattern, p.handle(serve))
	}
	return server, a.tellClients(s, clients)
}

// directory are the clients of this configuration and, where there is a login
// host, those that are kept in the database.
func (a *App) directory(s *service) (client.Directory, error) {
	configured, err := a.clients()
	if err != nil || s.single {
		return configured, err
	}
	return a.documents(s, registry.New(configured, s.rooms.Clients)), nil
}

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

// leaving is where a client sends a person who signed out there (OpenID Connect
// RP-Initiated Logout). Nil in single-site mode, where there are no clients.
func (s *service) leaving(p *portal, sessions allSessions, clients client.Clients) (*endsession.Server, error) {
	if s.single {
		return nil, nil
	}
	return endsession.New(endsession.Config{
		Issuer: s.issuer, Sessions: sessions, Keys: s.rooms.Keys, Clients: clients, Pages: logoutPages{p.pages},
		Subject: subject.New(s.rooms.Master).For,
		Box:     s.rooms.Master.Box("end_session"), Report: s.auditClient,
		Ended: func(_ http.ResponseWriter, r *http.Request, over *identity.Session) {
			s.audit.LoggedOut(source(r), over.User, over.SID)
		},
	})
}

// tellClients tells the clients of sessions that ended, server to server, as
// long as this configuration is at work (OpenID Connect Back-Channel Logout).
func (a *App) tellClients(s *service, clients client.Clients) error {
	out := a.ways(egress.Options{Timeout: backchannel.DefaultTimeout})
	sender, err := backchannel.New(backchannel.Config{
		Issuer: s.issuer, Outbox: s.rooms.Logouts, Clients: clients, Signer: s.rooms.Keys, Subject: subject.New(s.rooms.Master).For,
		HTTP:   func(c *client.Client) backchannel.Doer { return out.to(c) },
		Report: a.noteDelivery,
		Failed: func(err error) { s.log.Error("telling clients of a logout", zap.Error(err)) },
	})
	if err != nil {
		return err
	}
	go sender.Run(a.running.ctx)
	return nil
}

var errNoPage = fault.New(fault.NotFound, "portal", "")
