package page

import "github.com/gatehouse-auth/gatehouse/identity"

// The values of [FieldAction] that [Consent] and [Grants] post.
const (
	ActionAllow    = "allow"
	ActionDeny     = "deny"
	ActionWithdraw = "withdraw"
)

// Consent asks what an application may know about the person. It posts
// [FieldToken], [FieldRemember] and [FieldAction] ([ActionAllow] or
// [ActionDeny]) to Action.
type Consent struct {
	Frame
	// Unvouched warns that the application came by itself, so that its name may
	// be anybody's. Source is the host that it says it is from, which is known to
	// be true, and shown before the name; empty if there is none.
	Unvouched bool
	Source    string
	// OnDevice warns, where Unvouched, that the answer goes to a program on the
	// person's own device.
	OnDevice      bool
	Action, Token string
	User          *identity.User
	// SwitchURL lets somebody else sign in. Empty: it is not offered.
	SwitchURL string
	// Scopes are what the application asks for, offline_access not among them.
	Scopes []Scope
	// Resources are the addresses of the servers where that shall count.
	Resources []string
	// Offline tells that it shall count while the person is away, too.
	Offline bool
	// RememberOffered shows the box that keeps the answer for Days, ticked.
	RememberOffered bool
	Days            int
}

func (Consent) template() string   { return "consent" }
func (Consent) form() (bool, bool) { return true, true }
func (v Consent) heading() Message { return About("consent.title", v.who()) }

// who is asking, by the name that can be relied on most.
func (v Consent) who() string {
	if v.Source != "" {
		return v.Source
	}
	return v.ClientTitle()
}

// Scope is one thing that an application may know or do.
type Scope struct {
	// Name is the scope (RFC 6749, section 3.3).
	Name string
	// Description is what the configuration says that it means. Empty for ours.
	Description string
	// Values are what it would tell about the person now.
	Values []string
	// At is the server where alone it counts, empty if that is clear or
	// everywhere.
	At string
}

// Title says in plain words what the scope means. One that is not ours has no
// other words than those of the configuration, or its name.
func (s Scope) Title() Message {
	if s.Description != "" {
		return Plain(s.Description)
	}
	switch s.Name {
	case "openid":
		return Say("scope.openid")
	case "profile":
		return Say("scope.profile")
	case "email":
		return Say("scope.email")
	case "groups":
		return Say("scope.groups")
	default:
		return About("scope.other", s.Name)
	}
}
