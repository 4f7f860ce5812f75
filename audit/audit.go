// Package audit writes security events: who signed in, who did not, what was
// refused and what was changed (LOG-03).
//
// It owns the names of the events and of their fields, and the promise that no
// entry holds a secret or forges a line: there is no field for passwords,
// tokens, cookies or hashes of passwords, ids of sessions are shortened hashes,
// and every text that somebody else chose is cut and freed of what can't be
// printed. It does not own where entries go nor their time; both are zap's.
//
// What a command does has no log of its own: it is left in the database, and
// the next server that looks writes it ([Outbox]).
//
// # Fields
//
// event (one of the Event constants), client_ip, request_id, subject, username,
// username_sha256, provider, client, methods, reason, sid (the first 12
// hexadecimal digits of a SHA-256), sessions (how many), host, change, actor,
// alg, kid, retry_after, and at, when it happened, of what a command left (RFC
// 3339). A field that has nothing to say is left out. An entry's message is the
// event's name.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Event is the name of a security event. Names never change once released.
type Event string

// The events.
const (
	EventLoginSucceeded Event = "login.succeeded"
	EventLoginFailed    Event = "login.failed"
	EventLoginThrottled Event = "login.throttled"
	EventLogout         Event = "logout"
	EventAccessDenied   Event = "access.denied"
	EventSetupLink      Event = "setup.link_made"
	EventSetupDone      Event = "setup.done"
	EventAccountChanged Event = "account.changed"
	EventSessionEnded   Event = "session.ended"
	EventKeyRotated     Event = "key.rotated"
	EventProviderFailed Event = "provider.failed"
	EventProviderLogout Event = "provider.logout"
	EventClientRefused  Event = "client.refused"
	EventClientChanged  Event = "client.changed"
	EventTicketRefused  Event = "ticket.refused"
	EventConsent        Event = "consent"
)

// maxText is the most bytes of any text that somebody else chose.
const maxText = 64

// Log writes security events. It is safe for concurrent use.
type Log struct {
	write func(level zapcore.Level, event Event, fields []zap.Field)
}

// New makes a Log; nil drops everything.
func New(log *zap.Logger) *Log {
	if log == nil {
		log = zap.NewNop()
	}
	return Through(func() *zap.Logger { return log })
}

// Through makes a Log for what outlives its logger: each entry goes to the one
// that log gives then.
func Through(log func() *zap.Logger) *Log {
	return &Log{func(level zapcore.Level, event Event, fields []zap.Field) { log().Log(level, string(event), fields...) }}
}

// Source is where a request came from.
type Source struct {
	// Addr is the client's address as Caddy determined it (FWD-03).
	Addr netip.Addr
	// RequestID is the id a person can read on an error page.
	RequestID string
}

func (s Source) fields() []zap.Field {
	var fields []zap.Field
	if s.Addr.IsValid() {
		fields = append(fields, zap.String("client_ip", s.Addr.Unmap().String()))
	}
	return appendText(fields, "request_id", s.RequestID)
}

// person names an account. A nil user is nobody.
func person(user *identity.User) []zap.Field {
	if user == nil {
		return nil
	}
	return account(user.Subject, user.Username)
}

func account(sub identity.Subject, username string) []zap.Field {
	return appendText(appendText(nil, "subject", string(sub)), "username", username)
}

// appendText adds a text field unless it is empty.
func appendText(fields []zap.Field, key, value string) []zap.Field {
	if value == "" {
		return fields
	}
	return append(fields, zap.String(key, Clean(value)))
}

// Clean cuts text to 64 bytes at the border of a character and puts "?" for
// whatever is no plain printable character, so that it can forge no line and
// steer no terminal (LOG-02), whichever encoder zap has.
func Clean(text string) string {
	if len(text) > maxText {
		cut := maxText
		for cut > maxText-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// digest is the beginning of a SHA-256, enough to recognise what is known and
// nothing to guess from what is long and random.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

func sid(id string) []zap.Field {
	if id == "" {
		return nil
	}
	return []zap.Field{zap.String("sid", digest(id))}
}

// good writes what went as it should, bad what somebody should look at.
func (l *Log) good(event Event, groups ...[]zap.Field) {
	l.write(zap.InfoLevel, event, fields(event, groups))
}

func (l *Log) bad(event Event, groups ...[]zap.Field) {
	l.write(zap.WarnLevel, event, fields(event, groups))
}

func fields(event Event, groups [][]zap.Field) []zap.Field {
	out := []zap.Field{zap.String("event", string(event))}
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

func seconds(key string, d time.Duration) []zap.Field {
	return []zap.Field{zap.Int64(key, int64(d/time.Second))}
}

func text(key, value string) []zap.Field { return appendText(nil, key, value) }
