package page

import (
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Setup makes the first account. It posts [FieldToken], [FieldSetupToken],
// [FieldUsername], [FieldName], [FieldEmail], [FieldPassword],
// [FieldPasswordConfirm] and [FieldAction] to <base>/setup. Typed values are
// kept, passwords never (LGN-10).
type Setup struct {
	Frame
	Token, SetupToken     string
	Username, Name, Email string
	// MinPassword is the least number of characters. Zero means 8.
	MinPassword int
	// Error concerns the form as a whole; a key that belongs to a field, such
	// as [MsgUsernameTaken], is shown next to that field.
	Error Message
	// Errors concern single fields.
	Errors SetupErrors
	// Closed tells that there is nothing to set up any more.
	Closed bool
}

// SetupErrors are what is wrong with single fields. The zero Message is
// nothing.
type SetupErrors struct{ Username, Name, Email, Password, Confirm Message }

func (Setup) template() string     { return "setup" }
func (v Setup) form() (bool, bool) { return !v.Closed, false }

func (v Setup) heading() Message {
	if v.Closed {
		return Say("setup.closed_title")
	}
	return Say("setup.title")
}

// Min is the least length of a password.
func (v Setup) Min() int {
	if v.MinPassword > 0 {
		return v.MinPassword
	}
	return 8
}

// General is the error that belongs to no field.
func (v Setup) General() Message {
	if v.Error.field() != "" {
		return Message{}
	}
	return v.Error
}

// Of gives the error of a field.
func (v Setup) Of(field string) Message {
	own := map[string]Message{
		FieldUsername: v.Errors.Username, FieldName: v.Errors.Name, FieldEmail: v.Errors.Email,
		FieldPassword: v.Errors.Password, FieldPasswordConfirm: v.Errors.Confirm,
	}[field]
	if own.None() && v.Error.field() == field {
		return v.Error
	}
	return own
}

// Wrong lists the fields with errors, from top to bottom.
func (v Setup) Wrong() []string {
	var wrong []string
	for _, field := range []string{FieldUsername, FieldName, FieldEmail, FieldPassword, FieldPasswordConfirm} {
		if !v.Of(field).None() {
			wrong = append(wrong, field)
		}
	}
	return wrong
}

// Focus is the field where the cursor belongs: the first wrong one.
func (v Setup) Focus() string {
	if wrong := v.Wrong(); len(wrong) > 0 {
		return wrong[0]
	}
	return FieldUsername
}

// Problem tells what went wrong and the way on. The functions in this package
// that return a Problem fill in everything but Frame, RequestID and addresses.
type Problem struct {
	Frame
	// Status is the HTTP status. Zero means the one given to [Pages.Write].
	Status int
	// Title and Detail say what is wrong.
	Title, Detail Message
	// RequestID finds the log entry. Empty if there is none.
	RequestID string
	// ContinueURL is the way on, ContinueText the words on it.
	ContinueURL  string
	ContinueText Message
	// User is who is signed in, if it matters.
	User *identity.User
	// SwitchURL signs in as somebody else, LogoutURL signs out. Shown if set.
	SwitchURL, LogoutURL string
}

func (Problem) template() string   { return "problem" }
func (Problem) form() (bool, bool) { return false, false }

func (v Problem) heading() Message {
	if v.Title.None() {
		return Say("problem.internal.title")
	}
	return v.Title
}

// On is what the way on says.
func (v Problem) On() Message {
	if v.ContinueText.None() {
		return Say(MsgContinue)
	}
	return v.ContinueText
}

// Link leads to an application.
type Link struct {
	Title string
	URL   string
}

// Host is the host of the address, for the eye; "" if there is none.
func (l Link) Host() string {
	_, rest, ok := strings.Cut(l.URL, "://")
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// Home shows who is signed in and where they can go.
type Home struct {
	Frame
	User *identity.User
	// IDP is the name of the provider; [identity.Local] for a password here.
	IDP string
	// AuthTime is when the person proved who they are.
	AuthTime     time.Time
	Applications []Link
	// GrantsURL leads to what the person allowed applications. Empty: there is
	// no such page.
	GrantsURL string
	// DeviceURL leads to where a device's code is entered. Empty: there is no
	// such page.
	DeviceURL string
	// LogoutURL leads to signing out. With Token it is posted to at once,
	// else it is a link to the page that asks.
	LogoutURL string
	Token     string
}

func (Home) template() string     { return "home" }
func (v Home) form() (bool, bool) { return v.Token != "", false }
func (Home) heading() Message     { return Say("home.title") }

// Local tells that the password was checked here.
func (v Home) Local() bool { return v.IDP == "" || v.IDP == identity.Local }
