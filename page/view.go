package page

import (
	"time"
)

// Names of the form fields that the pages post.
const (
	FieldToken           = "csrf_token"       // the token that binds a form to a browser
	FieldReturnURL       = "return_url"       // where to go afterwards
	FieldUsername        = "username"         // user name as typed
	FieldPassword        = "password"         // password, or the new one at setup
	FieldPasswordConfirm = "password_confirm" // the new password once more
	FieldName            = "name"             // display name
	FieldEmail           = "email"            // address
	FieldRemember        = "remember"         // "1" if ticked
	FieldSwitch          = "switch"           // "1" if somebody else than who is signed in wants in
	FieldSetupToken      = "setup_token"      // the secret of the setup link
	FieldAction          = "action"           // which button was pressed: one of the Action constants
)

// Values of [FieldAction].
const (
	ActionLogin  = "login"
	ActionLogout = "logout"
	ActionSetup  = "setup"
	ActionCancel = "cancel"
	// ActionEverywhere signs out at every browser, ActionLogout at this one.
	ActionEverywhere = "everywhere"
)

// View is what one page shows. The views are [Login], [Choose], [Setup],
// [Logout], [LoggedOut], [Problem], [Home], [Consent], [Grants], [Device],
// [DeviceConfirm] and [DeviceDone], by value.
type View interface {
	frame() Frame
	// template names the page's template.
	template() string
	// form tells whether the page has a form, and whether the answer to it may
	// lead the browser to another origin.
	form() (has, leaves bool)
	// heading is the title of the page.
	heading() Message
}

// Frame is common to all views.
type Frame struct {
	// UILocales are the languages asked for: tags separated by spaces, best
	// first (OpenID Connect Core, section 3.1.2.1). They win over
	// Accept-Language. Unknown and malformed ones are ignored.
	UILocales string
	// ClientName is the application the person comes from. Empty if none.
	ClientName string
	// ClientLogo is its picture. Anything but a plain https address is ignored.
	ClientLogo string
	// ClientHost is the host that the person wants to reach, as
	// "app.example.com". Empty if none.
	ClientHost string
}

func (f Frame) frame() Frame { return f }

// Client tells whether anything is known of where the person comes from.
func (f Frame) Client() bool { return f.ClientName != "" || f.ClientHost != "" }

// ClientTitle is the best name for where the person comes from.
func (f Frame) ClientTitle() string {
	if f.ClientName != "" {
		return f.ClientName
	}
	return f.ClientHost
}

// Provider is one way to sign in elsewhere.
type Provider struct {
	// Name is the provider's name in the configuration.
	Name string
	// Title is what people call it. Empty means Name.
	Title string
	// URL starts the login there. A button posts [FieldToken],
	// [FieldReturnURL], [FieldSwitch] and [FieldRemember] to it.
	URL string
	// Down tells that it can't be reached now: it is shown, but not offered.
	Down bool
}

// Label is the title, or the name for want of one.
func (p Provider) Label() string {
	if p.Title != "" {
		return p.Title
	}
	return p.Name
}

// Login asks for a password, offers providers, or both. It posts
// [FieldToken], [FieldReturnURL], [FieldSwitch], [FieldUsername],
// [FieldPassword], [FieldRemember] and [FieldAction] to <base>/login. The
// providers' buttons are in the same form, so that one box to stay signed in
// counts for all of them.
type Login struct {
	Frame
	ReturnURL string
	Token     string
	// Username fills the field.
	Username string
	// Failed shows the one sentence for every wrong user name or password
	// (ENU-01).
	Failed bool
	// Throttled is how long to wait before the next attempt. Zero if no wait.
	Throttled time.Duration
	// Expired tells that the form was too old to be accepted.
	Expired bool
	// Notice is a further sentence, such as why a provider's answer did not
	// help. The zero Message is none.
	Notice Message
	// Again tells that the person is signed in and has to prove it once more.
	Again bool
	// Switching tells that somebody is signed in and somebody else wants in.
	Switching bool
	// RememberOffered shows the box "stay signed in", Remember ticks it.
	RememberOffered bool
	Remember        bool
	// CancelOffered shows a button that gives up: [FieldAction] is
	// [ActionCancel].
	CancelOffered bool
	// CreateURL leads to where people make an account. Empty: nowhere.
	CreateURL string
	Providers []Provider
	// Local offers user name and password.
	Local bool
	// New tells that nobody has an account here yet, so that nothing can be
	// offered.
	New bool
}

func (Login) template() string   { return "login" }
func (Login) form() (bool, bool) { return true, true }

func (v Login) heading() Message {
	if v.Again {
		return Say("login.again")
	}
	return Say("login.title")
}

// ProvidersFirst tells whether the providers stand above the form: up to two
// do, since one tap is the shortest way in; more would push the form out of
// sight.
func (v Login) ProvidersFirst() bool { return v.Local && len(v.Providers) > 0 && len(v.Providers) <= 2 }

// ProvidersLast tells whether the providers stand below the form or alone.
func (v Login) ProvidersLast() bool { return len(v.Providers) > 0 && !v.ProvidersFirst() }

// Offered tells whether there is any way to sign in.
func (v Login) Offered() bool { return v.Local || len(v.Providers) > 0 }

// Wrong tells whether the fields have to be marked as wrong.
func (v Login) Wrong() bool { return v.Failed && v.Throttled <= 0 }

// WaitMinutes is [Login.Throttled] in minutes, rounded up.
func (v Login) WaitMinutes() int { return int((v.Throttled + time.Minute - 1) / time.Minute) }

// FocusUsername tells that the cursor belongs in the user name. With providers
// on top it belongs nowhere: a phone's keyboard would cover them.
func (v Login) FocusUsername() bool {
	return v.Username == "" && !v.ProvidersFirst() && v.Throttled <= 0
}

// FocusPassword tells that the cursor belongs in the password.
func (v Login) FocusPassword() bool { return v.Username != "" && v.Throttled <= 0 }

// Choose lets a person pick a provider. Cancel posts [FieldToken],
// [FieldReturnURL] and [FieldAction] to <base>/login.
type Choose struct {
	Frame
	ReturnURL string
	Token     string
	// Switching, RememberOffered and Remember are as in [Login].
	Switching, RememberOffered, Remember bool

	CancelOffered bool
	// CreateURL leads to where people make an account. Empty: nowhere.
	CreateURL string
	Providers []Provider
	// Notice is a further sentence. The zero Message is none.
	Notice Message
}

func (Choose) template() string   { return "choose" }
func (Choose) form() (bool, bool) { return true, true }
func (Choose) heading() Message   { return Say("choose.title") }
