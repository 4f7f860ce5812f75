package caddymodule

import (
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// Session limits how long a login lasts (SES-15). A limit is fixed into each
// session when it begins.
type Session struct {
	// IdleTimeout ends a session that was not used for so long.
	// Example: "30m". Default: 1h.
	IdleTimeout caddy.Duration `json:"idle_timeout,omitempty"`

	// MaxAge ends a session so long after the login, whatever happens.
	// Example: "12h". Default: 24h.
	MaxAge caddy.Duration `json:"max_age,omitempty"`

	// Remember replaces both limits where the person ticked "stay signed in";
	// -1 does not offer the box.
	// Example: "14d". Default: 30d.
	Remember caddy.Duration `json:"remember,omitempty"`
}

// Throttle limits guessing of passwords. Attempts are counted before the
// password is looked at, by canonical account and by address (LGN-20 … 28).
type Throttle struct {
	// Attempts is how many failures one address may have on one account
	// within Window. Default: 10.
	Attempts int `json:"attempts,omitempty"`

	// Window is the time over which failures are counted.
	// Default: 15m.
	Window caddy.Duration `json:"window,omitempty"`

	// Lock is how long that address then has to wait for that account.
	// Default: 15m.
	Lock caddy.Duration `json:"lock,omitempty"`

	// AccountAttempts is how many failures an account may have within Window
	// from all addresses together. Default: 100.
	AccountAttempts int `json:"account_attempts,omitempty"`

	// AddressAttempts is how many failures an address (for IPv6, a /64) may
	// have within Window on all accounts together. Default: 100.
	AddressAttempts int `json:"address_attempts,omitempty"`
}

// Password sets the cost of password hashes (Argon2id, RFC 9106) and the
// shortest password. Existing hashes are renewed at the next login.
type Password struct {
	// Memory is the memory of one hash, in KiB. Memory times Iterations must
	// come to 35 MiB at least (LGN-04). Default: 19456 (19 MiB).
	Memory int `json:"memory,omitempty"`

	// Iterations is the number of passes over the memory.
	// Default: 2.
	Iterations int `json:"iterations,omitempty"`

	// Parallelism is the number of lanes.
	// Default: 1.
	Parallelism int `json:"parallelism,omitempty"`

	// MinLength is the length of the shortest new password, in characters,
	// from 8 to 64 (LGN-13). Default: 8.
	MinLength int `json:"min_length,omitempty"`
}

func (s *Session) defaults() {
	fallback(&s.IdleTimeout, caddy.Duration(session.DefaultIdleTimeout))
	fallback(&s.MaxAge, caddy.Duration(session.DefaultMaxAge))
	fallback(&s.Remember, caddy.Duration(30*24*time.Hour))
}

func (t *Throttle) defaults() {
	def := throttle.DefaultConfig()
	fallback(&t.Attempts, def.Attempts)
	fallback(&t.Window, caddy.Duration(def.Window))
	fallback(&t.Lock, caddy.Duration(def.Lock))
	fallback(&t.AccountAttempts, def.AccountAttempts)
	fallback(&t.AddressAttempts, def.AddressAttempts)
}

func (p *Password) defaults() {
	def := account.DefaultParams()
	fallback(&p.Memory, int(def.Memory))
	fallback(&p.Iterations, int(def.Time))
	fallback(&p.Parallelism, int(def.Threads))
	fallback(&p.MinLength, account.MinPassword)
}

// fallback sets v if it is zero.
func fallback[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}
