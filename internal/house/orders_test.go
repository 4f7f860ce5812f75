package house_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/session"
)

// SES-16: sessions that are in the memory of the server end by a command too,
// those that it names and no others.
func TestOrders(t *testing.T) {
	var l ledger
	plan := l.plan(t.TempDir())
	plan.PrivateSessions = true
	server, ctx := house.New(plan), t.Context()
	defer server.Release()
	there, err := server.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(name string) (identity.Subject, string) {
		user, err := there.Accounts.Add(ctx, account.NewAccount{Username: name})
		if err != nil {
			t.Fatal(err)
		}
		site, err := session.NewSite("https://auth.example.com")
		if err != nil {
			t.Fatal(err)
		}
		sessions := there.Sessions.At(site, session.Config{IdleTimeout: time.Hour, MaxAge: time.Hour})
		began, err := sessions.Begin(httptest.NewRecorder(), httptest.NewRequest("GET", "https://auth.example.com/", nil), user.Subject, identity.Login{IDP: identity.Local}, false)
		if err != nil {
			t.Fatal(err)
		}
		return user.Subject, began.SID
	}
	alice, hers := begin("alice")
	_, his := begin("bob")
	_, carols := begin("carol")
	dave, daves := begin("dave")

	plan.Visit = true
	command := house.New(plan)
	defer command.Release()
	here, err := command.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if here.Sees() || !there.Sees() {
		t.Error("who sees the sessions?")
	}
	if _, err := here.SignOut(ctx, alice, session.AccountChanged); err != nil {
		t.Fatal(err)
	}
	if err := here.EndSession(ctx, his, session.Revoked); err != nil {
		t.Fatal(err)
	}
	if _, err := here.EndSessions(ctx, dave, session.AccountChanged); err != nil {
		t.Fatal(err)
	}
	if err := here.EndSession(ctx, "unknown", session.Revoked); err != nil {
		t.Fatal(err)
	}
	over := func(sid string) bool { _, err := there.Sessions.Find(ctx, sid); return fault.Is(err, fault.NotFound) }
	for deadline := time.Now().Add(10 * time.Second); !over(hers) || !over(his) || !over(daves); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("alice's is over: %v, bob's: %v, dave's: %v", over(hers), over(his), over(daves))
		}
	}
	if over(carols) {
		t.Error("carol's is over too")
	}
}
