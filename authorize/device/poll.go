package device

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// jitter is how much too early a device may come: its answers take their time on
// the way, too.
const jitter = 500 * time.Millisecond

// Redeem implements [token.Devices]: it gives what the person allowed, to
// exactly one caller. The errors are those of RFC 8628, section 3.5. A device
// code that is used again after that is in wrong hands, and everything issued
// from it is dead, as with authorization codes (RFC 6749, section 4.1.2).
func (s *Requests) Redeem(ctx context.Context, deviceCode, client string) (grant.Code, error) {
	const op = "device.Redeem"
	unknown := refuse("invalid_grant", "the device code is unknown or used")
	if !secret.Valid(deviceCode) {
		return grant.Code{}, unknown
	}
	q, err := s.get(ctx, secret.Hash(deviceCode))
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && q.Client != client:
		return grant.Code{}, unknown
	case err != nil:
		return grant.Code{}, fault.At(op, err)
	}
	code, err := s.Grants.RedeemDevice(ctx, q.key)
	switch {
	case fault.Is(err, fault.Spent):
		return grant.Code{}, unknown
	case !fault.Is(err, fault.NotFound): // nil too
		return code, fault.At(op, err)
	}
	switch _, err := s.Shorts.Get(ctx, kindDenied, q.key); {
	case err == nil:
		return grant.Code{}, refuse("access_denied", "the person turned the request down")
	case !fault.Is(err, fault.NotFound):
		return grant.Code{}, fault.At(op, err)
	}
	return grant.Code{}, s.wait(ctx, q)
}

// wait tells a device to come again, and to take its time: "the interval MUST be
// increased by 5 seconds for this and all subsequent requests". Of two looks at
// the same instant one was too early.
func (s *Requests) wait(ctx context.Context, q Request) error {
	const op = "device.wait"
	now := s.now()
	if now.UnixMilli() >= q.Expires {
		return refuse("expired_token", "the device code expired; begin again")
	}
	early := q.Polled != 0 && now.Sub(time.UnixMilli(q.Polled)) < q.Wait-jitter
	if early {
		q.Wait += Interval
	}
	q.Polled = now.UnixMilli()
	value, err := json.Marshal(q)
	if err != nil {
		return fault.Wrap(fault.Internal, op, err)
	}
	_, err = s.Shorts.Swap(ctx, store.Item{
		Kind: kindRequest, Key: q.key, Value: value, Version: q.version, Expires: time.UnixMilli(q.Expires).Add(afterlife),
	})
	switch {
	case fault.Is(err, fault.Conflict) || err == nil && early:
		return refuse("slow_down", "wait five seconds longer between two requests")
	case err != nil && !fault.Is(err, fault.NotFound):
		return fault.At(op, err)
	}
	return refuse("authorization_pending", "the person has not answered yet")
}

func refuse(code, description string) error {
	return token.Refuse(http.StatusBadRequest, code, description)
}
