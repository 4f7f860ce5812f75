package caddymodule

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/page"
)

// devicePages shows what package device asks.
type devicePages struct{ *page.Pages }

// Enter implements device.Pages.
func (p devicePages) Enter(w http.ResponseWriter, r *http.Request, v device.EnterView) error {
	view := page.Device{Action: v.Action, Token: v.Token, User: v.User, SwitchURL: v.SwitchURL, UserCode: v.UserCode, Throttled: v.Wait}
	status := http.StatusOK
	switch v.Problem {
	case device.NoProblem:
	case device.WrongCode:
		view.Error = page.Say(page.MsgDeviceWrong)
	case device.OtherLogin:
		view.Error = page.Say(page.MsgDeviceLogin)
	case device.NothingLeft:
		view.Error = page.Say(page.MsgDeviceOver)
	case device.TooMany:
		status = http.StatusTooManyRequests
	}
	return p.Write(w, r, status, view)
}

// Confirm implements device.Pages.
func (p devicePages) Confirm(w http.ResponseWriter, r *http.Request, v device.ConfirmView) error {
	view := page.DeviceConfirm{
		Frame:  page.Frame{ClientName: v.ClientName, ClientLogo: v.ClientLogo},
		Action: v.Action, Token: v.Token, User: v.User, SwitchURL: v.SwitchURL, UserCode: v.UserCode,
		Began: v.Began, Address: v.Address, Here: v.Here, Resources: v.Resources, Offline: v.Offline,
		RememberOffered: v.RememberOffered, Days: v.Days, MineMissing: v.MineMissing,
	}
	for _, scope := range v.Scopes {
		view.Scopes = append(view.Scopes, page.Scope(scope))
	}
	return p.Write(w, r, http.StatusOK, view)
}

// Done implements device.Pages.
func (p devicePages) Done(w http.ResponseWriter, r *http.Request, v device.DoneView) error {
	return p.Write(w, r, http.StatusOK, page.DeviceDone{
		Frame: page.Frame{ClientName: v.ClientName}, Allowed: v.Allowed, HomeURL: v.HomeURL,
	})
}
