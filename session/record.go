package session

import (
	"encoding/json"
	"time"
	"unique"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// Kinds of short-lived things that this package owns.
const (
	kindSession = "session" // key: sid; index: sub, family: the login at a provider
	kindHandle  = "handle"  // key: SHA-256(origin ‖ 0 ‖ id); index: sid, sub
	kindTicket  = "ticket"  // key: SHA-256(ticket); index: sid, sub
	kindDue     = "due"     // key: when to look at a session, and its sid; index: sid
)

// record is a session as it is stored. Times and spans are in milliseconds.
type record struct {
	Sub      identity.Subject `json:"sub"`
	Login    identity.Login   `json:"login"`
	Began    int64            `json:"began"`
	Expires  int64            `json:"expires"` // absolute limit
	Idle     int64            `json:"idle"`    // longest pause between uses
	Used     int64            `json:"used"`    // last use that was written
	Remember bool             `json:"remember,omitempty"`
	Age      int64            `json:"age"` // counts logins under this sid
	Clients  []string         `json:"clients,omitempty"`
	// Ended says that the session is over and only waits for its clients to be
	// told; see tell.go.
	Ended bool `json:"ended,omitempty"`
}

// handleRecord is a host's entry to a session.
type handleRecord struct {
	SID    string `json:"sid"`
	Age    int64  `json:"age"`
	Origin string `json:"origin"`
}

// over tells whether the session was ended or a limit has passed, given the
// newest use that is known (SES-15).
func (r *record) over(now, used int64) bool {
	return r.Ended || now >= r.Expires || now-max(r.Used, used) >= r.Idle
}

// ends says when the session is over for every process, if it is not used
// again: a fifth later than the idle limit, because the last use is written
// late. The exact limit is judged by [record.over].
func (r *record) ends() int64 { return min(r.Expires, r.Used+r.Idle+r.Idle/5) }

// kept says until when the store must keep the record: as long as it may be in
// force, and where clients have to be told of its end, until they were.
func (r *record) kept() time.Time {
	if len(r.Clients) == 0 {
		return time.UnixMilli(r.ends())
	}
	return time.UnixMilli(r.ends()).Add(keepEnded)
}

// session makes the snapshot that others see.
func (r *record) session(sid string, user *identity.User) identity.Session {
	login := r.Login
	login.IDP, login.ACR = shared(login.IDP), shared(login.ACR)
	login.AMR = make([]string, len(r.Login.AMR)) // and no more: it may stay for days
	for i, method := range r.Login.AMR {
		login.AMR[i] = shared(method)
	}
	return identity.Session{
		SID:      sid,
		User:     user,
		Login:    login,
		Began:    time.UnixMilli(r.Began).UTC(),
		Expires:  time.UnixMilli(r.Expires).UTC(),
		Remember: r.Remember,
	}
}

// shared keeps one copy of a word that a million sessions have in common.
func shared(word string) string { return unique.Make(word).Value() }

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	return b, fault.Wrap(fault.Internal, "session.encode", err)
}

// decode reads a stored value. One that can't be read is as good as absent:
// its owner has to log in again, and nobody gets in by it.
func decode(b []byte, v any) error {
	return fault.Wrap(fault.NotFound, "session.decode", json.Unmarshal(b, v))
}
