package device

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// Life is how long a device waits for its person (OAU-39).
	Life = 10 * time.Minute
	// Interval is how long it must wait between two looks.
	Interval = 5 * time.Second
	// afterlife is how long a device that comes late is told so, and one that
	// comes twice is noticed.
	afterlife = 5 * time.Minute
)

// The kinds of short-lived things kept here. "device" is the request, under the
// hash of its device code; "user code" leads to it and is taken by who decides;
// "device denied" says that the answer was no.
const (
	kindRequest  store.Kind = "device"
	kindUserCode store.Kind = "user code"
	kindDenied   store.Kind = "device denied"
)

// Request is what a device asks for.
type Request struct {
	Client    string   `json:"client"`
	Scopes    []string `json:"scopes"`
	Resources []string `json:"resources,omitempty"`
	// Address is where the device asked from, as text; "" if that is unknown.
	Address string `json:"address,omitempty"`
	// Began and Expires are in Unix milliseconds.
	Began   int64 `json:"began"`
	Expires int64 `json:"expires"`
	// Polled is when the device last looked, 0 for never; Wait is how long it
	// has to wait between two looks.
	Polled int64         `json:"polled,omitempty"`
	Wait   time.Duration `json:"wait"`

	key     string // of the request: the hash of the device code
	version int64
}

// Requests are those that wait. All fields but Now, for which nil means
// time.Now, are required; Now must be the clock of the store.
type Requests struct {
	Shorts store.Shorts
	Grants *grant.Grants
	Now    func() time.Time
}

func (s *Requests) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// begin keeps a request and returns its two codes. Only hashes are stored.
func (s *Requests) begin(ctx context.Context, q Request) (deviceCode, userCode string, err error) {
	const op = "device.begin"
	now := s.now()
	q.Began, q.Expires, q.Wait = now.UnixMilli(), now.Add(Life).UnixMilli(), Interval
	value, err := json.Marshal(q)
	if err != nil {
		return "", "", fault.Wrap(fault.Internal, op, err)
	}
	deviceCode = secret.New()
	key := secret.Hash(deviceCode)
	if err := s.Shorts.Create(ctx, store.Item{Kind: kindRequest, Key: key, Value: value, Expires: now.Add(Life + afterlife)}); err != nil {
		return "", "", fault.At(op, err)
	}
	for range 5 { // a code that is in use is rarer than one in a million
		userCode = show(newUserCode())
		err = s.Shorts.Create(ctx, store.Item{Kind: kindUserCode, Key: userKey(userCode), Value: []byte(key), Expires: now.Add(Life)})
		if !fault.Is(err, fault.Exists) {
			break
		}
	}
	return deviceCode, userCode, fault.At(op, err)
}

// userKey is under what a user code is kept.
func userKey(userCode string) string { return secret.Hash("user code", userCode) }

// waiting gives the request of a user code that nobody has decided yet, or
// fault.NotFound.
func (s *Requests) waiting(ctx context.Context, userCode string) (Request, error) {
	const op = "device.waiting"
	item, err := s.Shorts.Get(ctx, kindUserCode, userKey(userCode))
	if err != nil {
		return Request{}, fault.At(op, err)
	}
	q, err := s.get(ctx, string(item.Value))
	return q, fault.At(op, err)
}

// get reads a request.
func (s *Requests) get(ctx context.Context, key string) (Request, error) {
	item, err := s.Shorts.Get(ctx, kindRequest, key)
	if err != nil {
		return Request{}, err
	}
	q := Request{key: key, version: item.Version}
	return q, fault.Wrap(fault.Internal, "device.get", json.Unmarshal(item.Value, &q))
}

// allow decides a request for a person. Exactly one decision is made, however
// many come at once; the others are fault.NotFound. from is as in
// [grant.Grants.NewCode].
func (s *Requests) allow(ctx context.Context, userCode string, q Request, a grant.Authorization, from time.Time) error {
	const op = "device.allow"
	if err := s.take(ctx, userCode, a.SID); err != nil {
		return fault.At(op, err)
	}
	return fault.At(op, s.Grants.AllowDevice(ctx, q.key, a, from, time.UnixMilli(q.Expires)))
}

// deny decides it the other way.
func (s *Requests) deny(ctx context.Context, userCode string, q Request, sid string) error {
	const op = "device.deny"
	if err := s.take(ctx, userCode, sid); err != nil {
		return fault.At(op, err)
	}
	return fault.At(op, s.Shorts.Create(ctx, store.Item{
		Kind: kindDenied, Key: q.key, Value: []byte{}, Expires: time.UnixMilli(q.Expires).Add(afterlife),
	}))
}

// take spends a user code.
func (s *Requests) take(ctx context.Context, userCode, by string) error {
	_, err := s.Shorts.Take(ctx, kindUserCode, userKey(userCode), by)
	if _, spent := errors.AsType[*store.SpentError](err); spent {
		return fault.New(fault.NotFound, "device.take", "")
	}
	return err
}
