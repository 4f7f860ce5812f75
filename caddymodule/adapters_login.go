package caddymodule

import (
	"context"
	"net/netip"
	"slices"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// loginAccounts are the accounts as the login sees them.
type loginAccounts struct {
	*account.Accounts
	sessions *session.Manager
}

// Resolve implements login.Accounts. A login brings new groups: what this
// process remembers of the person is forgotten before anybody is answered.
func (a loginAccounts) Resolve(ctx context.Context, ext identity.External, provision bool) (*identity.User, error) {
	user, err := a.Accounts.Resolve(ctx, ext, account.Policy{Provision: provision})
	if err == nil {
		a.sessions.Apply(store.Change{Topic: store.TopicSubject, Key: string(user.Subject)})
	}
	return user, err
}

// Setup implements login.Accounts. Whoever holds the setup link runs the
// place, so the address is believed.
func (a loginAccounts) Setup(ctx context.Context, token string, n login.NewAccount) (*identity.User, error) {
	return a.Accounts.Setup(ctx, token, account.NewAccount{
		Username: n.Username, Name: n.Name, Email: n.Email, EmailVerified: n.Email != "", Password: n.Password,
	})
}

// loginThrottle is the throttle as the login sees it.
type loginThrottle struct{ *throttle.Throttle }

// Attempt implements login.Throttle.
func (t loginThrottle) Attempt(ctx context.Context, name string, from netip.Addr) (login.Attempt, error) {
	return t.Throttle.Attempt(ctx, name, from)
}

// loginContexts tells the login what a return address is about.
type loginContexts struct{ *authorize.Server }

// Context implements login.Contexts.
func (c loginContexts) Context(ctx context.Context, returnURL string) (*login.Context, error) {
	found, err := c.Server.Context(ctx, returnURL)
	if err != nil || found == nil {
		return nil, err
	}
	return &login.Context{
		ReturnURL: found.ReturnURL, DenyURL: found.DenyURL,
		ClientID: found.ClientID, ClientName: found.ClientName, ClientLogo: found.ClientLogo,
		LoginHint: found.LoginHint, UILocales: found.UILocales, IDP: found.IDP, Tenant: found.Tenant,
		ACRValues: slices.Concat(found.EssentialACR, found.ACRValues),
		Providers: found.Providers, Local: found.Local, Force: found.Force, Fresh: found.Fresh, MaxAge: found.MaxAge,
		Create: found.Create, CreatedURL: found.CreatedURL,
	}, nil
}
