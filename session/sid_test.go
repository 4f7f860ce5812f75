package session_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/session"
)

// SES-02: ids of sessions are random, and none looks like an option of the
// command that revokes them.
func TestSID(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		sid := session.NewSID()
		if len(sid) != 22 || seen[sid] || sid[0] == '-' {
			t.Fatalf("%q", sid)
		}
		seen[sid] = true
	}
}
