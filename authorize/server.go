package authorize

import (
	"context"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/authorize/requestobject"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Server is the authorization server. It is safe for concurrent use and holds
// no state: requests live in their addresses, codes, tokens and what was sent
// ahead in the store.
type Server struct {
	Config
	base    string // path of the issuer: "" or "/.gatehouse"
	tokens  *token.Service
	objects requestobject.Reader
	form    *template.Template
	csp     string
	meta    []byte
}

// New checks cfg as a whole and reports all problems at once.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	u, err := url.Parse(cfg.Issuer)
	if err != nil {
		return nil, err
	}
	if cfg.Clients == nil {
		cfg.Clients = client.Static{}
	}
	if cfg.SigningAlgs == nil {
		cfg.SigningAlgs = client.Algs()
	}
	s := &Server{Config: cfg, base: u.EscapedPath()}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.ClientIP == nil {
		s.ClientIP = func(*http.Request) netip.Addr { return netip.Addr{} }
	}
	s.tokens = &token.Service{
		Issuer: cfg.Issuer, Clients: cfg.Clients, Book: cfg.Book, Resources: cfg.Resources, Subjects: cfg.Subjects, Sessions: cfg.Sessions, Accounts: cfg.Accounts, Signer: cfg.Signer,
		CertificateBase: cfg.CertificateBase, Proofs: cfg.Proofs, ClientKeys: cfg.ClientKeys, Gate: cfg.Gate, Grants: cfg.Grants, Now: s.Now, Report: cfg.Report,
	}
	s.objects = requestobject.Reader{Issuer: cfg.Issuer, Keys: cfg.ClientKeys, Parameters: names()}
	if s.offers("device") {
		s.tokens.Devices = cfg.Device.Requests
	}
	s.tokens.Used = cfg.Used
	s.form, s.csp = formPage()
	s.meta, err = s.metadata()
	return s, err
}

// endpoint is the path of the authorize endpoint.
func (s *Server) endpoint() string { return s.base + "/authorize" }

// report tells Report, if anybody listens.
func (s *Server) report(ctx context.Context, e *ClientError) {
	if s.Report != nil {
		s.Report(ctx, fault.Wrap(e.kind(), "authorize", e))
	}
}

// Migrations are the tables of what is kept here, in order.
func Migrations() []store.Migration {
	return slices.Concat(grant.Migrations(), consent.Migrations(), registry.Migrations(), registration.Migrations())
}
