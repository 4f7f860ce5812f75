package caddymodule

import (
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/endpoints"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/authorize/subject"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/session"
)

// protocol is what clients speak to: what its rooms share, and those of them
// that others lead to.
type protocol struct {
	*service
	app       *App
	site      *session.Site
	portal    *portal
	sessions  allSessions
	clients   client.Directory
	book      claims.Book
	resources client.Resources
	subjects  *subject.Names
	gate      client.Gate
	consents  *consent.Consents
	keys      *clientauth.Keys // of clients that have an address for them

	authorize *authorize.Server
	leaving   *endsession.Server // nil in single-site mode
	devices   *device.Server     // nil there too, and where they are switched off
}

// buildProtocol joins what clients speak to, and gives it its addresses on the
// portal. In single-site mode there are no clients that could ask for a logout
// or for consent, or that could be told of anything.
func (a *App) buildProtocol(s *service, site *session.Site, sessions issuerSessions, clients client.Directory, p *portal) (*protocol, error) {
	book, err := a.book()
	if err != nil {
		return nil, err
	}
	out := a.ways(egress.Options{})
	c := &protocol{
		service: s, app: a, site: site, portal: p, sessions: allSessions{sessions, s.rooms.Sessions}, clients: clients,
		book: book, resources: a.resources(), subjects: subject.New(s.rooms.Master), gate: clientGate(time.Now),
		consents: &consent.Consents{Records: s.rooms.Records, Shorts: s.rooms.Shorts},
		keys:     clientKeys(out),
	}
	steps := []func() error{c.buildAuthorize, c.buildEndpoints}
	if !s.single {
		steps = []func() error{c.buildAuthorize, c.buildLeaving, c.buildDevices, c.buildEndpoints, c.buildConsent, c.tellClients}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// buildAuthorize makes the authorize endpoint.
func (c *protocol) buildAuthorize() (err error) {
	c.authorize, err = authorize.New(authorize.Config{
		Issuer: c.issuer, RequirePushedRequests: c.app.RequirePushedRequests, RequireSignedRequests: c.app.RequireSignedRequests,
		Clients: c.clients, Book: c.book, Resources: c.resources, Subjects: c.subjects, Providers: c.app.providerNames(), ClassProviders: c.app.classProviders(),
		Sessions: c.sessions, Sites: sites{c.rooms.Sessions, c.sites}, Keys: c.rooms.Keys, Jar: c.site,
		Grants: c.rooms.Grants, Pushed: &pushed.Requests{Shorts: c.rooms.Shorts}, Consents: c.consents,
		ClientKeys: c.keys, CheckSession: c.sessions.state, CreateAccount: c.app.createAccount(), Box: c.rooms.Master.Box("authorize"),
		Pushes: c.pushes(), Gate: c.gate, ClientIP: clientIP, Report: c.auditClient,
	})
	return err
}

// buildEndpoints gives everything its address.
func (c *protocol) buildEndpoints() error {
	registering, err := c.app.registering(c.service)
	if err != nil {
		return err
	}
	desk, err := endpoints.New(endpoints.Config{
		Authorize: c.authorize, Tokens: c.tokens(), Keys: c.rooms.Keys, Origins: c.clients,
		Device: c.devices, EndSession: c.leaving, Registration: registering, Documents: c.app.ClientIDMetadata != nil,
		Disabled: c.app.Disable, SigningAlgs: c.app.Keys.Algorithms, UILocales: c.portal.pages.Languages(), Report: c.auditClient,
	})
	if err != nil {
		return err
	}
	c.portal.add(desk.Routes())
	if base := c.app.CertificateBase; base != "" {
		c.certificates = &portal{service: c.service, hosts: guard.NewHosts([]string{base}), pages: c.portal.pages, mux: http.NewServeMux(), patience: c.portal.patience}
		c.certificates.add(desk.CertificateRoutes())
	}
	return nil
}

// tokens answers clients that come without a person.
func (c *protocol) tokens() *token.Service {
	s := &token.Service{
		Issuer: c.issuer, CertificateBase: c.app.CertificateBase, Used: c.clientUsed,
		Clients: c.clients, Book: c.book, Resources: c.resources, Subjects: c.subjects, Sessions: c.sessions, Accounts: c.rooms.Accounts,
		Signer: c.rooms.Keys, Proofs: token.Possession(c.rooms.Shorts, c.rooms.Master.Box("dpop nonce"), time.Now),
		Grants: c.rooms.Grants, ClientKeys: c.keys, Gate: c.gate, Now: time.Now, Report: c.auditClient,
	}
	if c.devices != nil {
		s.Devices = c.devices.Requests
	}
	return s
}
