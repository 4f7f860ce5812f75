package authorize

import (
	"context"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/requestobject"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// Server is the authorize endpoint. It is safe for concurrent use and holds
// no state: requests live in their addresses, codes, tokens and what was sent
// ahead in the store.
type Server struct {
	Config
	base    string // path of the issuer: "" or "/.gatehouse"
	objects requestobject.Reader
	form    *template.Template
	csp     string
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
	s := &Server{Config: cfg, base: u.EscapedPath()}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.ClientIP == nil {
		s.ClientIP = func(*http.Request) netip.Addr { return netip.Addr{} }
	}
	s.objects = requestobject.Reader{Issuer: cfg.Issuer, Keys: cfg.ClientKeys, Parameters: names()}
	s.form, s.csp = formPage()
	return s, nil
}

// endpoint is the path of the authorize endpoint.
func (s *Server) endpoint() string { return s.base + "/authorize" }

// report tells Report, if anybody listens.
func (s *Server) report(ctx context.Context, e *ClientError) {
	if s.Report != nil {
		s.Report(ctx, fault.Wrap(e.kind(), "authorize", e))
	}
}

// Prompts lists what prompt may be.
func (s *Server) Prompts() []string {
	list := []string{"none", "login", "select_account"}
	if s.Consents != nil {
		list = append(list, "consent")
	}
	if s.CreateAccount != nil { // Initiating User Registration via OpenID Connect, section 5
		list = append(list, "create")
	}
	return list
}
