package login

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// providerCookie is how the suffixes of the cookies that hold round trips
// begin. Each trip has a cookie of its own, so that tabs which start or finish
// at the same instant don't overwrite each other's.
const providerCookie = "provider-"

// Limits on round trips. A browser that restores its tabs starts ten at once.
// Browsers drop a cookie whose name and value are longer than 4096 bytes, so a
// trip to a long address has some; servers refuse requests with too many.
const (
	maxTrips   = 10
	maxCookie  = 4000 // of a value; the rest is for the name
	maxPieces  = 3
	maxCookies = maxPieces * maxCookie // of all values together
	tripLife   = 10 * time.Minute
	cookieLife = 2 * time.Hour // an old trip still knows where it was to end
	handleSize = 8             // random digits in a cookie's name
)

// trip is one round trip to a provider, kept by the browser alone. Only a
// browser that holds it can finish it (FED-01, FED-02), and only at the
// provider it was for (FED-04).
type trip struct {
	Provider string `json:"p"`
	State    string `json:"s"` // the random handle in the address (RED-07)
	Memo     []byte `json:"m"`
	Return   string `json:"r,omitempty"` // empty means home
	Remember bool   `json:"k,omitempty"` // the person ticked to stay signed in
	Began    int64  `json:"t"`           // Unix seconds

	size int // of the cookies it came in
}

// cookie is the suffix of the trip's first cookie. The digits tell nobody more
// than the address does, and far too little to make a state of.
func (t trip) cookie() string { return providerCookie + t.State[:handleSize] }

// piece is the suffix of the nth cookie of a trip whose first is called suffix.
func piece(suffix string, n int) string {
	if n == 0 {
		return suffix
	}
	return suffix + "-" + strconv.Itoa(n)
}

// pieces are the suffixes of all cookies of the trip.
func (t trip) pieces() []string {
	var list []string
	for n := 0; n == 0 || n*maxCookie < t.size; n++ {
		list = append(list, piece(t.cookie(), n))
	}
	return list
}

// age is how long ago the trip began.
func (t trip) age(now time.Time) time.Duration { return now.Sub(time.Unix(t.Began, 0)) }

// fresh tells whether the trip may still be finished.
func (t trip) fresh(now time.Time) bool { return t.age(now) >= -time.Minute && t.age(now) <= tripLife }

// find gives this browser's trip with this state.
func (h *Handler) find(r *http.Request, state string) (trip, bool) {
	if !secret.Valid(state) {
		return trip{}, false
	}
	t, ok := h.read(r, trip{State: state}.cookie())
	return t, ok && secret.Equal(t.State, state)
}

// read opens one trip's cookies. What was not sealed here, under this name, is
// no trip.
func (h *Handler) read(r *http.Request, suffix string) (trip, bool) {
	var value strings.Builder
	for n := range maxPieces {
		part := h.Jar.Value(r, piece(suffix, n))
		value.WriteString(part)
		if len(part) < maxCookie {
			break
		}
	}
	plain, err := h.Box.Open(value.String(), suffix)
	if err != nil {
		return trip{}, false
	}
	t := trip{size: value.Len()}
	if json.Unmarshal(plain, &t) != nil {
		return trip{}, false
	}
	return t, true
}

// keep sets the trip's cookies and makes room for them. It gives false if the
// trip is too long.
func (h *Handler) keep(w http.ResponseWriter, r *http.Request, t trip) bool {
	plain, err := json.Marshal(t)
	if err != nil {
		return false
	}
	value := h.Box.Seal(plain, t.cookie())
	if len(value) > maxCookies {
		return false
	}
	h.tidy(w, r, maxTrips-1, maxCookies-len(value))
	for n := 0; len(value) > 0; n++ {
		part := value[:min(len(value), maxCookie)]
		value = value[len(part):]
		http.SetCookie(w, h.Jar.Cookie(piece(t.cookie(), n), part, int(cookieLife/time.Second)))
	}
	return true
}

// forget takes the trip's cookies away.
func (h *Handler) forget(w http.ResponseWriter, t trip) {
	for _, suffix := range t.pieces() {
		h.drop(w, suffix)
	}
}

// tidy takes away the cookies of trips that are over or unreadable, and of the
// oldest beyond a number and a size in bytes. The age is judged here as well,
// since browsers that restore a session keep cookies beyond their time.
func (h *Handler) tidy(w http.ResponseWriter, r *http.Request, most, room int) {
	var list []trip
	suffixes, kept := h.suffixes(r, providerCookie), map[string]bool{}
	for _, suffix := range suffixes {
		if t, ok := h.read(r, suffix); ok && t.age(h.Now()) <= cookieLife {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(a, b trip) int { return int(b.Began - a.Began) })
	for i, t := range list {
		if room -= t.size; i < most && room >= 0 {
			for _, suffix := range t.pieces() {
				kept[suffix] = true
			}
		}
	}
	for _, suffix := range suffixes {
		if !kept[suffix] {
			h.drop(w, suffix)
		}
	}
}
