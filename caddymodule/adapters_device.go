package caddymodule

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// devices lets people allow devices without a browser (RFC 8628). Nil in
// single-site mode, where there are no clients.
func (s *service) devices(p *portal, sessions allSessions, clients client.Clients, consents *consent.Consents, book claims.Book, resources client.Resources) (*device.Server, error) {
	if s.single {
		return nil, nil
	}
	guesses := throttle.Config{Attempts: 5, AccountAttempts: 5, AddressAttempts: 20, Window: device.Life, Lock: device.Life}
	begins := throttle.Config{Attempts: 100, AccountAttempts: math.MaxInt32, AddressAttempts: 100, Window: device.Life, Lock: device.Life}
	return device.New(device.Config{
		Issuer: s.issuer, Requests: &device.Requests{Shorts: s.rooms.Shorts, Grants: s.rooms.Grants},
		Clients: clients, Sessions: sessions, Consents: consents, Book: book, Resources: resources, Pages: devicePages{p.pages},
		Guesses: limits(s.rooms.Shorts, "device code ", guesses), Begins: limits(s.rooms.Shorts, "device ", begins),
		Box: s.rooms.Master.Box("device"), ClientIP: clientIP, Gate: clientGate(time.Now), Audit: s.auditDevice,
	})
}

// pushes limits the requests that are pushed in public clients' names, by
// address: an office behind one signs in less often, and whoever floods from one
// keeps nobody else out.
func (s *service) pushes() func(*http.Request, string) error {
	limit := limits(s.rooms.Shorts, "pushed ", throttle.Config{
		Attempts: 300, AccountAttempts: math.MaxInt32, AddressAttempts: 300, Window: pushed.PendingLife, Lock: pushed.Life,
	})
	return func(r *http.Request, clientID string) error {
		_, err := limit.Attempt(r.Context(), clientID, clientIP(r))
		return err
	}
}

// apart keeps counters of the same names apart from others.
type apart struct {
	counter throttle.Counter
	prefix  string
}

// Count implements throttle.Counter.
func (a apart) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	return a.counter.Count(ctx, a.prefix+key, delta, window)
}

// deviceLimits is a throttle as package device sees it.
type deviceLimits struct{ *throttle.Throttle }

func limits(counter throttle.Counter, prefix string, c throttle.Config) deviceLimits {
	return deviceLimits{throttle.New(apart{counter, prefix}, func() throttle.Config { return c }, throttle.Options{})}
}

// Attempt implements device.Limits.
func (l deviceLimits) Attempt(ctx context.Context, who string, from netip.Addr) (device.Attempt, error) {
	return l.Throttle.Attempt(ctx, who, from)
}

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

// auditDevice writes what people allowed devices.
func (s *service) auditDevice(r *http.Request, e device.Event) {
	write := s.audit.ConsentRefused
	if e.Name == device.EventAllowed {
		write = s.audit.Consent
	}
	write(source(r), e.User, e.SID, e.Client, e.Name)
}
