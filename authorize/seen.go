package authorize

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// The cookie that holds when this browser first brought which requests. It is
// what tells a login made for a request from one made before it, without a
// marker in the address that whoever writes the address could set.
const (
	seenCookie = "seen"
	// seenLife is how long a sight is remembered. After it a forced login is
	// asked for once more, which is the safe side.
	seenLife = time.Hour
	// seenMost bounds the cookie: several tabs, the oldest is dropped.
	seenMost = 8
)

// sighting is one request at one browser.
type sighting struct {
	Hash string `json:"h"`
	At   int64  `json:"t"`           // Unix nanoseconds
	Sent int    `json:"n,omitempty"` // see Facts.Sent

	known bool // it is in the cookie: this browser brought the request before
}

// at is when the request was first seen.
func (s sighting) at() time.Time { return time.Unix(0, s.At) }

// sights reads the cookie. One that can't be read counts as none: the request
// is then seen for the first time, and no earlier login is fresh.
func (s *Server) sights(r *http.Request, now time.Time) []sighting {
	value := s.Jar.Value(r, seenCookie)
	if value == "" {
		return nil
	}
	plain, err := s.Box.Open(value, seenCookie)
	if err != nil {
		return nil
	}
	var list []sighting
	if json.Unmarshal(plain, &list) != nil {
		return nil
	}
	return slices.DeleteFunc(list, func(e sighting) bool {
		return now.Sub(e.at()) > seenLife || e.at().After(now)
	})
}

// sight finds a request, or sees it now for the first time.
func (s *Server) sight(r *http.Request, hash string, now time.Time) sighting {
	for _, e := range s.sights(r, now) {
		if e.Hash == hash {
			e.known = true
			return e
		}
	}
	return sighting{Hash: hash, At: now.UnixNano()}
}

// remember keeps a request's sight while the person is at a page of ours. again
// says that they are signed in and shall sign in once more.
func (s *Server) remember(w http.ResponseWriter, r *http.Request, e sighting, again bool) {
	if again {
		e.Sent++
	}
	list := append(without(s.sights(r, s.Now()), e), e)
	s.keep(w, list[max(0, len(list)-seenMost):])
}

// forget drops a request that is answered.
func (s *Server) forget(w http.ResponseWriter, r *http.Request, e sighting) {
	before := s.sights(r, s.Now())
	if after := without(before, e); len(after) < len(before) {
		s.keep(w, after)
	}
}

// without is list less the request of e.
func without(list []sighting, e sighting) []sighting {
	return slices.DeleteFunc(slices.Clone(list), func(o sighting) bool { return o.Hash == e.Hash })
}

// keep writes the cookie, or deletes it when nothing is left.
func (s *Server) keep(w http.ResponseWriter, list []sighting) {
	if len(list) == 0 {
		http.SetCookie(w, s.Jar.Cookie(seenCookie, "", -1))
		return
	}
	plain, err := json.Marshal(list)
	if err != nil {
		return // a sight that is lost makes a login necessary, never superfluous
	}
	http.SetCookie(w, s.Jar.Cookie(seenCookie, s.Box.Seal(plain, seenCookie), seconds(seenLife)))
}
