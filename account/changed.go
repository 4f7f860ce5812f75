package account

import "github.com/gatehouse-auth/gatehouse/identity"

// What happens to an account. Names never change once released: they are in
// audit logs.
const (
	ChangeAdded     = "added"
	ChangePassword  = "password"
	ChangeEdited    = "edited"    // name, address, groups or rights
	ChangeDisabled  = "disabled"  // by whoever runs the place
	ChangeEnabled   = "enabled"   // the same, taken back
	ChangeWithdrawn = "withdrawn" // gone from the Caddyfile
	ChangeDeleted   = "deleted"
)

// Who changes accounts by themselves. A provider is "provider/" and its name.
const (
	ByCaddyfile = "caddyfile"
	BySetup     = "setup"
)

// Changed is a change of an account that is done.
type Changed struct {
	Subject  identity.Subject
	Username string
	// What is one of the Change constants.
	What string
	// By is who did it, "" if that is whoever called us.
	By string
	// Reduced tells, of a change by the Caddyfile, that the user has another
	// password, lost a group or the administrator's right, or is gone: what is
	// open was let in with that, so ending it is the listener's part (SES-16).
	Reduced bool
}

func (r row) became(what, by string) Changed {
	return Changed{Subject: r.subject, Username: r.username, What: what, By: by}
}
