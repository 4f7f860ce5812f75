package page

import (
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Grants shows what the person allowed which application. Each grant posts
// [FieldToken] and [FieldAction] ([ActionWithdraw]) to Action.
type Grants struct {
	Frame
	Action string
	User   *identity.User
	Grants []Grant
	// Withdrawn tells that one was just taken back.
	Withdrawn bool
	// HomeURL leads back to the account.
	HomeURL string
}

func (Grants) template() string { return "grants" }
func (Grants) heading() Message { return Say("grants.title") }

// form: whoever is not signed in any more when it arrives is sent to the login,
// and from there perhaps to the one provider at once.
func (v Grants) form() (bool, bool) { return len(v.Grants) > 0, len(v.Grants) > 0 }

// Grant is what one application may know.
type Grant struct {
	Token string
	// Title is what people call the application.
	Title     string
	Scopes    []Scope
	Resources []string
	// Granted is when it was allowed, Expires when that ends, Used when the
	// application last came for it by itself; zero if it never did.
	Granted, Expires, Used time.Time
	// Offline tells that it counts while the person is away, too.
	Offline bool
}

// In says how long it is until something.
func (s *scene) In(t time.Time) (string, error) {
	d := t.Sub(s.pages.now())
	if d < 48*time.Hour {
		return s.Count("in.hours", max(int((d+time.Hour-1)/time.Hour), 1))
	}
	return s.Count("in.days", int(d/(24*time.Hour)))
}
