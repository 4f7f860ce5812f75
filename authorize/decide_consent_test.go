package authorize_test

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// TestDecideConsent is the table of rule 14: every way a client can ask, with
// and without prompt=consent, by what the person said before and just now.
func TestDecideConsent(t *testing.T) {
	ask, issue := authorize.Outcome(authorize.AskConsent{}), authorize.Outcome(authorize.Issue{})
	cases := []struct {
		name   string
		client client.Client
		prompt bool // prompt=consent
		// What becomes of it when nothing was said, when a remembered consent
		// covers the request, and when the person has just said yes to it.
		nothing, covered, allowed authorize.Outcome
	}{
		{"nothing configured", client.Client{}, false, ask, issue, issue}, // OAU-41
		{"nothing configured, prompt", client.Client{}, true, ask, ask, issue},
		{"once", client.Client{Consent: client.ConsentOnce}, false, ask, issue, issue},
		{"always", client.Client{Consent: client.ConsentAlways}, false, ask, ask, issue},
		{"always, prompt", client.Client{Consent: client.ConsentAlways}, true, ask, ask, issue},
		{"first-party", client.Client{FirstParty: true}, false, issue, issue, issue}, // OAU-41
		{"first-party, prompt", client.Client{FirstParty: true}, true, ask, ask, issue},
		{"first-party, never", client.Client{FirstParty: true, Consent: client.ConsentNever}, false, issue, issue, issue},
		{"first-party, once", client.Client{FirstParty: true, Consent: client.ConsentOnce}, false, ask, issue, issue},
		{"first-party, always", client.Client{FirstParty: true, Consent: client.ConsentAlways}, false, ask, ask, issue},
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	who := &identity.Session{User: &identity.User{Subject: "alice"}, Login: identity.Login{IDP: identity.Local, At: now.Add(-time.Hour)}}
	for _, c := range cases {
		for state, want := range map[string]authorize.Outcome{"": c.nothing, "covered": c.covered, "allowed": c.allowed} {
			f := authorize.Facts{Session: who, Now: now, FirstSeen: now, Covered: state == "covered", Allowed: state == "allowed"}
			q := authorize.Request{Client: &c.client, Consent: c.prompt}
			check(t, c.name+" "+state, authorize.Decide(&q, f), want)

			// Nobody is asked before they are signed in as they should be.
			q.Login = true
			check(t, c.name+" "+state+", old login", authorize.Decide(&q, f), authorize.SendToLogin{})
			f.FirstSeen = now.Add(-2 * time.Hour)
			check(t, c.name+" "+state+", new login", authorize.Decide(&q, f), want)
			check(t, c.name+" "+state+", nobody", authorize.Decide(&q, authorize.Facts{Now: now, FirstSeen: now, Covered: f.Covered, Allowed: f.Allowed}), authorize.SendToLogin{})

			// Who said no said no.
			f.Denied = true
			check(t, c.name+" "+state+", denied", authorize.Decide(&q, f), "access_denied")
			f.Denied = false

			// prompt=none shows no page (OAU-17).
			q.Login, q.None = false, true
			if want == ask {
				check(t, c.name+" "+state+", none", authorize.Decide(&q, f), "consent_required")
			} else {
				check(t, c.name+" "+state+", none", authorize.Decide(&q, f), want)
			}
		}
	}
}
