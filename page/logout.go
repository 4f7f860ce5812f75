package page

import (
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
	// Elsewhere is where the person signs out at the provider they came by, whose
	// login goes on. Without an address nothing is said of it.
	Elsewhere Link
	// Frames are pages of clients that sign out there (OpenID Connect
	// Front-Channel Logout, section 2), FrameSources their origins. Browsers start
	// the clock of a Refresh when a page has loaded, with all that is in it. So the
	// frames are lazy, and the style sheet brings them into view a moment after
	// the page: one that never answers holds nothing up.
	Frames, FrameSources []string
}

func (LoggedOut) template() string   { return "loggedout" }
func (LoggedOut) form() (bool, bool) { return false, false }
func (LoggedOut) heading() Message   { return Say("loggedout.title") }

// Back is the way back as a link. An app's own scheme (RFC 8252, section 7.1)
// has none: templates refuse what they don't know, and the browser is sent
// there by a header anyway.
func (v LoggedOut) Back() string {
	if strings.HasPrefix(v.ContinueURL, "/") || strings.HasPrefix(v.ContinueURL, "http") {
		return v.ContinueURL
	}
	return ""
}
