package session

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

const (
	// longestTarget is the size in bytes above which a target is dropped: it
	// travels in the address of the login page, and servers refuse long ones
	// (DOS-06).
	longestTarget = 4096
	// longestVisit is how old a visit may be when it is opened: as long as
	// somebody may keep the login page as a bookmark. Nothing is granted by
	// a visit: it is worth a ticket only to who is signed in, for the browser
	// that began it, and a guard judges its rule again on return.
	longestVisit = 400 * 24 * time.Hour
	// ahead is how far another process's clock may be ahead of ours.
	ahead = time.Minute

	visitBinding = "visit"
)

// Visit is what somebody wanted who was not signed in. It travels sealed
// through the browser, so that anonymous traffic leaves nothing in a store
// (SES-20).
type Visit struct {
	Origin    string    `json:"o"`           // of the guarded site
	Target    string    `json:"t"`           // path and query
	Binder    string    `json:"b"`           // hash of the binder cookie's value, see [HashBinder]
	FirstSeen time.Time `json:"f"`           // when the person first asked; a forced login must be later
	Tries     int       `json:"n,omitempty"` // starts so far, to end a loop
	Force     bool      `json:"x,omitempty"` // a fresh login is demanded
}

// SealVisit makes a visit opaque. A target that is too long or not a path is
// replaced by "/".
func (m *Manager) SealVisit(v Visit) string {
	v.Target = cleanTarget(v.Target)
	v.FirstSeen = v.FirstSeen.Round(0).UTC()
	b, err := json.Marshal(v)
	if err != nil {
		return "" // only for years beyond 9999; it opens as fault.Invalid
	}
	return m.box.Seal(b, visitBinding)
}

// OpenVisit reads what [Manager.SealVisit] made. fault.Invalid if it was
// changed, made for something else, or first seen more than 400 days ago.
func (m *Manager) OpenVisit(text string) (Visit, error) {
	const op = "session.OpenVisit"
	b, err := m.box.Open(text, visitBinding)
	if err != nil {
		return Visit{}, fault.Wrap(fault.Invalid, op, err)
	}
	var v Visit
	if err := json.Unmarshal(b, &v); err != nil {
		return Visit{}, fault.Wrap(fault.Invalid, op, err)
	}
	now := m.now()
	if v.FirstSeen.Before(now.Add(-longestVisit)) || v.FirstSeen.After(now.Add(ahead)) {
		return Visit{}, fault.New(fault.Invalid, op, "This link is too old. Please start again.")
	}
	v.Target = cleanTarget(v.Target)
	return v, nil
}

// cleanTarget gives a target in a form that can follow an origin in a Location
// header: it starts with exactly one slash (RED-02), and whatever a browser
// would rewrite, or a header can't hold, is percent-encoded. What can't be
// saved becomes "/".
func cleanTarget(target string) string {
	if len(target) > longestTarget || !onePath(target) {
		return "/"
	}
	var b strings.Builder
	for _, c := range []byte(target) {
		if plain(c) {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	if b.Len() > longestTarget {
		return "/"
	}
	return b.String()
}

// onePath tells whether a browser would read s as a path of the same origin,
// without control characters, which browsers drop before they parse.
func onePath(s string) bool {
	if s == "" || s[0] != '/' || len(s) > 1 && (s[1] == '/' || s[1] == '\\') {
		return false
	}
	for _, c := range []byte(s) {
		if c < ' ' || c == 0x7f || c == '#' {
			return false
		}
	}
	return true
}

// plain tells whether c stays as it is: what RFC 3986 allows in a path or
// query, and the brackets and bars that applications use without encoding.
func plain(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune("\"<>\\^`{}", rune(c))
}
