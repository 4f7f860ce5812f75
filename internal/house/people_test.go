package house_test

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// What clients hold of a person ends with the account, also what was granted
// for longer than a session, and does not come back to life (SES-16).
func TestNothingOutlivesAnAccount(t *testing.T) {
	var l ledger
	h, ctx := house.New(l.plan(t.TempDir())), t.Context()
	defer h.Release()
	rooms, err := h.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	user, err := rooms.Accounts.Add(ctx, account.NewAccount{Username: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	refresh := func() string {
		later := time.Now().Add(time.Second) // what ended in this very millisecond ends what is issued in it
		token, err := rooms.Grants.NewRefresh(ctx, grant.Authorization{Client: "wiki", Scopes: []string{"openid"}, Subject: user.Subject, AuthTime: 1, Offline: true, Family: secret.New()}, later, grant.Limits{Idle: time.Hour, Max: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	token := refresh()
	if _, err := rooms.Grants.Peek(ctx, token); err != nil {
		t.Fatal(err)
	}
	if err := rooms.Disable(ctx, user.Subject); err != nil {
		t.Fatal(err)
	}
	if err := rooms.Enable(ctx, user.Subject); err != nil {
		t.Fatal(err)
	}
	if _, err := rooms.Grants.Peek(ctx, token); !fault.Is(err, fault.NotFound) {
		t.Errorf("a refresh token outlived a disabled account: %v", err)
	}
	consents := &consent.Consents{Records: rooms.Records, Shorts: rooms.Shorts}
	if err := consents.Keep(ctx, user.Subject, consent.Terms{Client: "wiki", Scopes: []string{"openid"}}, time.Hour); err != nil {
		t.Fatal(err)
	}
	token = refresh()
	if err := rooms.Delete(ctx, user.Subject); err != nil {
		t.Fatal(err)
	}
	if list, err := consents.List(ctx, user.Subject); err != nil || len(list) > 0 {
		t.Errorf("consents outlived their account: %v, %v", list, err)
	}
	if _, err := rooms.Grants.Peek(ctx, token); !fault.Is(err, fault.NotFound) {
		t.Errorf("a refresh token outlived its account: %v", err)
	}
}
