package identity_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/identity"
)

func TestInGroup(t *testing.T) {
	u := &identity.User{Groups: []string{"staff", "work/admins"}}
	for group, want := range map[string]bool{"staff": true, "work/admins": true, "admins": false, "Staff": false, "": false} {
		if got := u.InGroup(group); got != want {
			t.Errorf("%q: %v, want %v", group, got, want)
		}
	}
}

func TestMultiFactor(t *testing.T) {
	for want, amr := range map[bool][]string{true: {"pwd", "otp", "mfa"}, false: {"pwd"}} {
		if got := (identity.Login{AMR: amr}).MultiFactor(); got != want {
			t.Errorf("%v: %v, want %v", amr, got, want)
		}
	}
}
