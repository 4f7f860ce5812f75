package session

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Reason is why a session ended.
type Reason string

// The reasons. Names never change once released: they are in audit logs.
const (
	// Logout: its person signed out at its browser.
	Logout Reason = "logout"
	// Everywhere: its person signed out at all browsers.
	Everywhere Reason = "everywhere"
	// OtherLogin: somebody else signed in at its browser.
	OtherLogin Reason = "other_login"
	// Revoked: whoever runs the place ended it.
	Revoked Reason = "revoked"
	// AccountChanged: the account is disabled or gone, or lost a password, a
	// group or a right.
	AccountChanged Reason = "account_changed"
	// ProviderLogout: the login at the provider that it came of is over.
	ProviderLogout Reason = "provider_logout"
	// Expired: a limit passed.
	Expired Reason = "expired"
)

// End is the end of a session.
type End struct {
	SID     string
	Subject identity.Subject
	Reason  Reason
}

// tellAudit tells Options.Audit of sessions that the caller ended: of those who
// end one at the same time, one does.
func (m *Manager) tellAudit(ctx context.Context, why Reason, over ...*marked) {
	if m.audit == nil {
		return
	}
	for _, s := range over {
		if s != nil {
			m.audit(ctx, End{SID: s.sid, Subject: s.Sub, Reason: why})
		}
	}
}
