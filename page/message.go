package page

import "strings"

// Key names a sentence of the catalogues.
type Key string

// Keys that callers hand over. What a page says by itself has its key in the
// template. The field of the setup form that a key concerns is its middle part.
const (
	MsgContinue   Key = "way.continue"    // the neutral way on
	MsgStartAgain Key = "way.start_again" // begin the login anew
	MsgTryAgain   Key = "way.try_again"   // the same once more
	MsgGoHome     Key = "way.home"        // to the overview
	MsgSignIn     Key = "way.sign_in"     // to the login

	MsgWrongPassword       Key = "login.wrong_password"   // the one failure of every login
	MsgLoginBusy           Key = "login.busy"             // passwords can't be checked now
	MsgProviderUnavailable Key = "login.provider_down"    // Name can't be reached
	MsgProviderRefused     Key = "login.provider_refused" // Name said no, or the person did
	MsgProviderInvalid     Key = "login.provider_invalid" // Name's answer can't be used
	MsgAccountDenied       Key = "login.account_denied"   // Name is fine, but no account here
	MsgCookieMissing       Key = "login.cookie_missing"   // the browser did not send the login cookie

	MsgUsernameMissing  Key = "setup.username.missing"
	MsgUsernameInvalid  Key = "setup.username.invalid"
	MsgUsernameTaken    Key = "setup.username.taken"
	MsgNameInvalid      Key = "setup.name.invalid"
	MsgEmailInvalid     Key = "setup.email.invalid"
	MsgPasswordMissing  Key = "setup.password.missing"
	MsgPasswordShort    Key = "setup.password.short" // Count characters
	MsgPasswordLong     Key = "setup.password.long"
	MsgPasswordCommon   Key = "setup.password.common"
	MsgPasswordInvalid  Key = "setup.password.invalid"
	MsgPasswordMismatch Key = "setup.password_confirm.mismatch"
	MsgSetupExpired     Key = "setup.expired" // the form was open for long
)

// Data is what a sentence may mention. It is shown as plain text: it is never
// read as a template (WEB-03).
type Data struct {
	// Name is a provider, client, user or parameter, whatever the key is about.
	Name string
	// Host is a host.
	Host string
	// Cookie is a cookie's name.
	Cookie string
	// Method is an HTTP method.
	Method string
	// Count is a number: minutes, characters, tries.
	Count int
}

// Message is a sentence: a key with data, or plain text. The zero Message says
// nothing.
type Message struct {
	Key  Key
	Data Data
	// Text is shown as it is if there is no key. It must be fit for a person's
	// eyes.
	Text string
}

// Say makes a message without data.
func Say(key Key) Message { return Message{Key: key} }

// About makes a message about a name.
func About(key Key, name string) Message { return Message{Key: key, Data: Data{Name: name}} }

// Counted makes a message with a number.
func Counted(key Key, n int) Message { return Message{Key: key, Data: Data{Count: n}} }

// Plain makes a message of text that is shown in every language.
func Plain(text string) Message { return Message{Text: text} }

// None tells that the message says nothing.
func (m Message) None() bool { return m.Key == "" && m.Text == "" }

// field is the field of the setup form that the message belongs to, or "".
func (m Message) field() string {
	parts := strings.Split(string(m.Key), ".")
	if len(parts) != 3 || parts[0] != "setup" {
		return ""
	}
	return parts[1]
}
