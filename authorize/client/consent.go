package client

import "time"

// The ways to ask for consent, see [Client.Consent].
const (
	ConsentOnce   = "once"
	ConsentAlways = "always"
	ConsentNever  = "never"
)

const (
	// ConsentLife is how long a consent is remembered unless the client says
	// otherwise; maxConsentLife is the most it may say. What somebody allowed
	// long ago they have forgotten (OAU-38).
	ConsentLife    = 365 * 24 * time.Hour
	maxConsentLife = 2 * ConsentLife
)

// ConsentMode is how people are asked for consent: [ConsentOnce],
// [ConsentAlways] or [ConsentNever].
func (c *Client) ConsentMode() string {
	switch {
	case c.Consent != "":
		return c.Consent
	case c.FirstParty:
		return ConsentNever
	case c.Dynamic: // what was allowed to a name that nobody checked is not allowed for good
		return ConsentAlways
	default:
		return ConsentOnce
	}
}

// ConsentLasts is how long a consent to this client is remembered.
func (c *Client) ConsentLasts() time.Duration {
	if c.ConsentMaxAge > 0 {
		return c.ConsentMaxAge
	}
	return ConsentLife
}

// checkConsent: "third-party clients always" are asked for (OAU-41), so that
// the word which skips it needs the word that says whose client it is.
func (c *Client) checkConsent(wrong func(string, ...any)) {
	switch c.Consent {
	case "", ConsentOnce, ConsentAlways:
	case ConsentNever:
		if !c.FirstParty {
			wrong("{consent} %s: only a {first_party} client goes without", ConsentNever)
		}
	default:
		wrong("{consent} %q: must be %s, %s or %s", shown(c.Consent), ConsentOnce, ConsentAlways, ConsentNever)
	}
	if c.ConsentMaxAge < 0 || c.ConsentMaxAge > maxConsentLife {
		wrong("{consent_max_age}: must not be negative, and at most two years")
	}
	if c.ConsentMaxAge > 0 && c.ConsentMode() != ConsentOnce {
		wrong("{consent_max_age}: with {consent} %s nothing is remembered", c.ConsentMode())
	}
}
