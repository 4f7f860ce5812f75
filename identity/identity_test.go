package identity_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/identity"
)

func TestMultiFactor(t *testing.T) {
	for want, amr := range map[bool][]string{true: {"pwd", "otp", "mfa"}, false: {"pwd"}} {
		if got := (identity.Login{AMR: amr}).MultiFactor(); got != want {
			t.Errorf("%v: %v, want %v", amr, got, want)
		}
	}
}
