package client_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Other people's clients are always asked for; skipping is two words, or one
// that says whose client it is (OAU-41). What is remembered ends (OAU-38).
func TestConsent(t *testing.T) {
	const wrong = "wrong"
	for _, k := range []struct {
		firstParty bool
		consent    string
		max        time.Duration
		want       string // the mode, or wrong
	}{
		{false, "", 0, client.ConsentOnce},
		{false, "once", 0, client.ConsentOnce},
		{false, "always", 0, client.ConsentAlways},
		{false, "never", 0, wrong},
		{true, "", 0, client.ConsentNever},
		{true, "never", 0, client.ConsentNever},
		{true, "once", time.Hour, client.ConsentOnce},
		{true, "always", 0, client.ConsentAlways},
		{false, "Once", 0, wrong},
		{false, "", 2 * 365 * 24 * time.Hour, client.ConsentOnce},
		{false, "", 2*365*24*time.Hour + 1, wrong},
		{false, "", -1, wrong},
		{false, "always", time.Hour, wrong},
		{true, "", time.Hour, wrong},
	} {
		c := good()
		c.FirstParty, c.Consent, c.ConsentMaxAge = k.firstParty, k.consent, k.max
		err := c.Validate()
		if (err != nil) != (k.want == wrong) || err == nil && c.ConsentMode() != k.want {
			t.Errorf("%+v: %s, %v", k, c.ConsentMode(), err)
		}
		if err != nil && !strings.Contains(err.Error(), "consent") {
			t.Errorf("%+v: %v", k, err)
		}
	}
	if c := (&client.Client{}); c.ConsentLasts() != 365*24*time.Hour {
		t.Error(c.ConsentLasts())
	}
	if c := (&client.Client{ConsentMaxAge: time.Hour}); c.ConsentLasts() != time.Hour {
		t.Error(c.ConsentLasts())
	}
}
