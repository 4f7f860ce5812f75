package session

import "time"

// Defaults of [Config] (SES-15).
const (
	DefaultIdleTimeout = time.Hour
	DefaultMaxAge      = 24 * time.Hour
)

// Config are the limits of sessions that begin at one origin. They are fixed
// into each session when it begins: a changed configuration is for the next
// login.
type Config struct {
	// IdleTimeout ends a session that was not used for so long. 0 or less
	// means [DefaultIdleTimeout].
	IdleTimeout time.Duration
	// MaxAge ends a session so long after the login, used or not. 0 or less
	// means [DefaultMaxAge].
	MaxAge time.Duration
	// Remember replaces both where the person ticked "stay signed in". 0 or
	// less means that the box is not offered, and a tick is ignored.
	Remember time.Duration
}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if c.IdleTimeout <= 0 {
		c.IdleTimeout = DefaultIdleTimeout
	}
	if c.MaxAge <= 0 {
		c.MaxAge = DefaultMaxAge
	}
	c.Remember = max(c.Remember, 0)
	return c
}

// limits gives the two limits of one session, and whether it is remembered.
func (c Config) limits(remember bool) (idle, absolute time.Duration, remembered bool) {
	if remember && c.Remember > 0 {
		return c.Remember, c.Remember, true
	}
	return min(c.IdleTimeout, c.MaxAge), c.MaxAge, false
}
