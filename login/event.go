package login

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// EventName names a security event (LOG-03).
type EventName string

// The events of this package.
const (
	LoginSucceeded EventName = "login_succeeded"
	LoginFailed    EventName = "login_failed"
	LoginThrottled EventName = "login_throttled"
	ProviderFailed EventName = "provider_failed" // the round trip, not the person
	FormForeign    EventName = "form_foreign"    // another site tried to post a form of ours
	LoggedOut      EventName = "logged_out"
	SetupDone      EventName = "setup_done"
	ProviderLogout EventName = "provider_logout" // a login at a provider ended, and what came of it here
	NoticeRefused  EventName = "notice_refused"  // no logout token of the provider's: anybody can post that, so it is no security event
)

// Event is one security event.
type Event struct {
	Name EventName
	// Request is the one it happened in, Address its client's address.
	Request *http.Request
	Address netip.Addr
	// User, Login and SID are set once somebody has proved who they are; of a
	// provider's logout, where their browser brought it.
	User  *identity.User
	Login identity.Login
	SID   string
	// Username is what was typed, or what a provider says, at most 64 bytes of
	// it: people type passwords there (LOG-04).
	Username string
	// IDP is [identity.Local] or the provider's name. Client is the
	// application, if any.
	IDP, Client string
	// RetryAfter is how long a throttled person has to wait.
	RetryAfter time.Duration
	// Ended is how many sessions a provider's logout ended.
	Ended int
	// Err says why, for the log alone.
	Err error
}

const maxLogged = 64

func (h *Handler) report(r *http.Request, e Event) {
	if h.Audit == nil {
		return
	}
	e.Request, e.Address = r, h.ClientIP(r)
	if len(e.Username) > maxLogged {
		e.Username = e.Username[:maxLogged]
	}
	e.Username = strings.ToValidUTF8(e.Username, "\uFFFD")
	h.Audit(e)
}

// peer is the address of the other end of the connection.
func peer(r *http.Request) netip.Addr {
	ap, _ := netip.ParseAddrPort(r.RemoteAddr)
	return ap.Addr().Unmap().WithZone("")
}
