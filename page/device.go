package page

import (
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// The names of the fields that [Device] and [DeviceConfirm] post besides.
const (
	FieldUserCode = "user_code" // the code that the device shows
	FieldMine     = "mine"      // "1" if the device is the person's own
)

// ActionContinue is the value of [FieldAction] that [Device] posts.
const ActionContinue = "continue"

// What is wrong with a code.
const (
	MsgDeviceWrong Key = "device.wrong" // none waits with it
	MsgDeviceLogin Key = "device.login" // the application does not take this login
	MsgDeviceOver  Key = "device.over"  // it was used, or time is up
)

// Device takes the code that a device shows. It posts [FieldToken],
// [FieldUserCode] and [FieldAction] ([ActionContinue]) to Action.
type Device struct {
	Frame
	Action, Token string
	User          *identity.User
	// SwitchURL lets somebody else sign in. Empty: it is not offered.
	SwitchURL string
	// UserCode fills the field.
	UserCode string
	// Error says why a code led nowhere. The zero Message is nothing.
	Error Message
	// Throttled is how long no code is taken. Zero if no wait.
	Throttled time.Duration
}

func (Device) template() string { return "device" }
func (Device) heading() Message { return Say("device.title") }

// form: whoever is not signed in any more when the form arrives is sent to the
// login, and from there perhaps to the one provider at once.
func (Device) form() (bool, bool) { return true, true }

// WaitMinutes is the wait in whole minutes, rounded up.
func (v Device) WaitMinutes() int { return int((v.Throttled + time.Minute - 1) / time.Minute) }

// Wrong tells whether the code was.
func (v Device) Wrong() bool { return v.Error.Key == MsgDeviceWrong }

// DeviceConfirm asks whether a device may act for the person, and whether it is
// theirs. It posts [FieldToken], [FieldMine], [FieldRemember] and [FieldAction]
// ([ActionAllow] or [ActionDeny]) to Action.
type DeviceConfirm struct {
	Frame
	Action, Token string
	User          *identity.User
	// SwitchURL lets somebody else sign in. Empty: it is not offered.
	SwitchURL string
	// UserCode is what the device shows.
	UserCode string
	// Began is when the device asked; Address from where, "" if that is unknown;
	// Here tells that the browser's address is the same.
	Began   time.Time
	Address string
	Here    bool
	// Scopes, Resources, Offline, RememberOffered and Days are as in [Consent].
	Scopes          []Scope
	Resources       []string
	Offline         bool
	RememberOffered bool
	Days            int
	// MineMissing tells that the person did not say that the device is theirs.
	MineMissing bool
}

func (DeviceConfirm) template() string   { return "device_confirm" }
func (DeviceConfirm) form() (bool, bool) { return true, true } // as with Device
func (v DeviceConfirm) heading() Message { return About("device.confirm_title", v.ClientTitle()) }

// DeviceDone tells what was decided, and to go back to the device.
type DeviceDone struct {
	Frame
	Allowed bool
	// HomeURL leads to the account.
	HomeURL string
}

func (DeviceDone) template() string   { return "device_done" }
func (DeviceDone) form() (bool, bool) { return false, false }

func (v DeviceDone) heading() Message {
	if v.Allowed {
		return Say("device.allowed_title")
	}
	return Say("device.denied_title")
}
