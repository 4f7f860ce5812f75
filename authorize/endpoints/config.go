package endpoints

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
)

// Keys publishes the signing keys.
type Keys interface {
	// PublicSet returns the JSON of the JWK set: public parts only.
	PublicSet(ctx context.Context) ([]byte, error)
}

// Origins knows whose scripts may read answers.
type Origins interface {
	// AllowsOrigin tells whether a client has scripts at origin.
	AllowsOrigin(ctx context.Context, origin string) (bool, error)
}

// Config is the servers behind the endpoints, and what only discovery knows of
// them.
type Config struct {
	// Authorize and Tokens are of one issuer, and share their grants. What they
	// offer is what discovery says: addresses, scopes, claims, sender constraint.
	// Required.
	Authorize *authorize.Server
	Tokens    *token.Service

	// Keys and Origins are required.
	Keys    Keys
	Origins Origins

	// Device lets people allow devices without a browser; Tokens.Devices takes
	// what they allowed. Nil: there is no such grant type.
	Device *device.Server

	// EndSession signs people out at a client's wish, and says that clients are
	// told of logouts (package backchannel). Nil: neither is offered.
	EndSession *endsession.Server

	// Registration is where clients register themselves. Nil: they can't.
	Registration *registration.Server

	// Documents says that there are clients whose id is the address of a
	// document, so that discovery tells. Default: no.
	Documents bool

	// Disabled names endpoints that are neither served nor in discovery, of
	// those that [Switchable] gives. Default: none.
	Disabled []string

	// SigningAlgs are the algorithms that there are keys for, the default first.
	// Nil: all of [client.Algs].
	SigningAlgs []string

	// UILocales are the languages of the pages. Nil: not said.
	UILocales []string

	// Report is told when it can't be found out whose scripts may read answers.
	// Nil: nobody is told.
	Report func(context.Context, error)
}

// Server is the front desk. It is immutable and safe for concurrent use.
type Server struct {
	Config
	base string // path of the issuer: "" or "/.gatehouse"
	meta []byte
}

// New checks cfg as a whole, with what clients would miss, and reports all
// problems at once.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	u, err := url.Parse(cfg.Authorize.Issuer)
	if err != nil {
		return nil, err
	}
	if cfg.SigningAlgs == nil {
		cfg.SigningAlgs = client.Algs()
	}
	s := &Server{Config: cfg, base: u.EscapedPath()}
	if s.offers("device") != (s.Tokens.Devices != nil) {
		return nil, errors.New("device: codes are redeemed that nobody can allow, or the other way round")
	}
	s.meta, err = s.metadata()
	return s, err
}

// check finds everything that is wrong with cfg.
func (cfg *Config) check() error {
	var problems []error
	wrong := func(text string, args ...any) { problems = append(problems, fmt.Errorf(text, args...)) }
	for _, name := range cfg.Disabled {
		if !slices.Contains(Switchable(), name) {
			wrong("disabled: there is no endpoint %q, or it can't be switched off", name)
		}
	}
	if cfg.Authorize == nil || cfg.Tokens == nil || cfg.Keys == nil || cfg.Origins == nil {
		wrong("authorize, tokens, keys and origins are required")
		return errors.Join(problems...)
	}
	if cfg.Authorize.Issuer != cfg.Tokens.Issuer || cfg.Authorize.Grants != cfg.Tokens.Grants {
		wrong("authorize and tokens are not of one issuer, or don't share their grants")
	}
	if err := cfg.Tokens.Check(); err != nil {
		problems = append(problems, err)
	}
	if slices.Contains(cfg.Disabled, "par") {
		if cfg.Authorize.RequirePushedRequests {
			wrong("require_pushed_requests: nothing can be pushed while par is switched off")
		}
		static, _ := cfg.Authorize.Clients.(client.Static)
		for id, c := range static {
			if c.RequirePushedRequests {
				wrong("client %q: nothing can be pushed while par is switched off", id)
			}
		}
	}
	return errors.Join(problems...)
}
