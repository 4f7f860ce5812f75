package page

import (
	"html/template"
	"strings"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Logout asks whether to sign out. It posts [FieldToken], [FieldReturnURL] and
// [FieldAction] ([ActionLogout] or [ActionCancel]) to Action.
type Logout struct {
	Frame
	// Action is where the form goes; another page's than ours may come after
	// it then. Empty: <base>/logout.
	Action    string
	Token     string
	User      *identity.User
	ReturnURL string
	// Unheeded tells that the application asked for something that is not done.
	Unheeded bool
}

func (Logout) template() string { return "logout" }

// form: with a return address, or at another's request, the answer may be a
// redirect to a client.
func (v Logout) form() (bool, bool) { return true, v.ReturnURL != "" || v.Action != "" }
func (Logout) heading() Message     { return Say("logout.title") }

// LoggedOut tells that the session is over.
type LoggedOut struct {
	Frame
	// ContinueURL is the way back: ours, or one that a client registered. Empty
	// means the login page.
	ContinueURL string
	// Unheeded is as in [Logout].
	Unheeded bool
	// Frames are pages of clients that sign out there (OpenID Connect
	// Front-Channel Logout, section 2), FrameSources their origins.
	Frames, FrameSources []string
}

func (LoggedOut) template() string   { return "loggedout" }
func (LoggedOut) form() (bool, bool) { return false, false }
func (LoggedOut) heading() Message   { return Say("loggedout.title") }

// Continue is the way back as a link. Templates refuse schemes that they don't
// know; an app's own has a dot in it (RFC 8252, section 7.1), which none has
// that a browser would run.
func (v LoggedOut) Continue() any {
	if scheme, _, ok := strings.Cut(v.ContinueURL, ":"); ok && strings.Contains(scheme, ".") {
		return template.URL(v.ContinueURL)
	}
	return v.ContinueURL
}
