package house

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/session"
)

// byCommand is who changes accounts where nobody else is named: only commands
// do.
const byCommand = "command"

// AccountChanged writes a change of an account (LOG-03).
func (r *Rooms) AccountChanged(c account.Changed) {
	if c.By == "" {
		c.By = byCommand
	}
	r.Audit.AccountChanged(c.By, c.Subject, c.Username, c.What)
}

// sessionEnded writes the end of a session, except a logout, which is written
// with the address it came from by whoever served it.
func (r *Rooms) sessionEnded(_ context.Context, e session.End) {
	if e.Reason != session.Logout {
		r.Audit.SessionEnded(e.Subject, e.SID, string(e.Reason))
	}
}
