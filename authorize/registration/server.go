package registration

import (
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Path is where clients register, below the issuer; what they registered is
// below that, by their id, which is the path value "client".
const Path = "/register"

// What happened, for the audit log.
const (
	EventRegistered = "registered"
	EventUpdated    = "updated"
	EventDeleted    = "deleted"
)

// Defaults of [Config].
const (
	DefaultClients = 1000
	DefaultUnused  = 30 * 24 * time.Hour
)

// Config is what a [Server] is made of. What is not said to be optional is
// required.
type Config struct {
	// Issuer is the issuer identifier, without a slash at its end.
	Issuer        string
	Registrations *Registrations
	// Shorts counts requests by address.
	Shorts store.Shorts
	// Terms are what clients may have.
	Terms metadata.Terms
	// Limits: zero fields mean [DefaultClients] and [DefaultUnused].
	Limits Limits
	// From is the network that a request came from, as one that is counted.
	From func(*http.Request) string
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Audit hears of what happened to a client, before the answer is written.
	// Nil: nobody does.
	Audit func(r *http.Request, event, client string)
	// Report is told of failures of ours that were answered as JSON, and of
	// requests that were refused. Nil: nobody is told.
	Report func(r *http.Request, err error)
}

// Server is the endpoints. It is immutable and safe for concurrent use.
type Server struct{ Config }

// New checks cfg.
func New(cfg Config) (*Server, error) {
	if cfg.Issuer == "" || cfg.Registrations == nil || cfg.Shorts == nil || cfg.From == nil {
		return nil, fault.Wrap(fault.Invalid, "registration.New", errors.New("a part is missing"))
	}
	if cfg.Limits.Clients <= 0 {
		cfg.Limits.Clients = DefaultClients
	}
	if cfg.Limits.Unused <= 0 {
		cfg.Limits.Unused = DefaultUnused
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Audit == nil {
		cfg.Audit = func(*http.Request, string, string) {}
	}
	if cfg.Report == nil {
		cfg.Report = func(*http.Request, error) {}
	}
	return &Server{Config: cfg}, nil
}
