package backchannel

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// Defaults of [Config].
const (
	DefaultParallel = 16
	DefaultTimeout  = 5 * time.Second
	DefaultAttempts = 10
	DefaultMaxAge   = 24 * time.Hour
)

// Signer signs logout tokens.
type Signer interface {
	// Sign returns the compact JWS over the JSON of claims, with the header
	// parameters alg, typ and kid.
	Sign(ctx context.Context, alg, typ string, claims any) (string, error)
}

// Doer sends requests: a client of package egress, which refuses plain http,
// private networks and redirects unless it was told otherwise.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Delivery is one attempt to tell one client.
type Delivery struct {
	Client, SID string
	// Attempt counts from 1.
	Attempt int
	// Took is how long the client needed.
	Took time.Duration
	// Err is why it failed; nil if the client was told. It holds neither the
	// token nor anything that the client answered.
	Err error
	// GaveUp says that there will be no further attempt.
	GaveUp bool
}

// Config is what a [Sender] is made of.
type Config struct {
	// Issuer is the issuer identifier. Required.
	Issuer string
	// Outbox, Clients, Signer and HTTP are required. HTTP gives the way out to
	// a client: one that registered itself must not be able to name a private
	// address, one that an administrator wrote down may.
	Outbox  *Outbox
	Clients client.Clients
	Signer  Signer
	HTTP    func(c *client.Client) Doer
	// Subject gives the subject as the client knows it, where that differs
	// (pairwise subjects). Nil: it does not.
	Subject func(c *client.Client, sub identity.Subject) string
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// Parallel is how many requests may be under way at once. 0 means
	// [DefaultParallel].
	Parallel int
	// Timeout limits one request. 0 means [DefaultTimeout].
	Timeout time.Duration
	// Attempts is after how many failures a notice is given up, MaxAge after
	// which time; each is tried at least once. 0 means [DefaultAttempts] and
	// [DefaultMaxAge].
	Attempts int
	MaxAge   time.Duration
	// Report is told of every attempt, for log and metric. Nil: nobody is.
	Report func(ctx context.Context, d Delivery)
	// Failed is told of failures of our own store, which are tried again. Nil:
	// nobody is.
	Failed func(error)
}

// Sender empties an outbox. It is safe for concurrent use, also beside other
// senders, as while a configuration is being replaced.
type Sender struct{ Config }

// New checks cfg and fills in what was left out.
func New(cfg Config) (*Sender, error) {
	if cfg.Issuer == "" || cfg.Outbox == nil || cfg.Clients == nil || cfg.Signer == nil || cfg.HTTP == nil {
		return nil, fault.Wrap(fault.Internal, "backchannel.New", errors.New("a part is missing"))
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = DefaultParallel
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Attempts <= 0 {
		cfg.Attempts = DefaultAttempts
	}
	if cfg.MaxAge <= 0 {
		cfg.MaxAge = DefaultMaxAge
	}
	if cfg.Report == nil {
		cfg.Report = func(context.Context, Delivery) {}
	}
	if cfg.Failed == nil {
		cfg.Failed = func(error) {}
	}
	return &Sender{cfg}, nil
}
