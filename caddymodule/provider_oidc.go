package caddymodule

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

// Federator implements [Provider].
func (o *OIDC) Federator() (login.Federator, error) {
	return o.open()
}

// Provisions implements [Provider].
func (o *OIDC) Provisions() bool { return !o.NoProvisioning }

// Try asks the provider for its metadata now, for doctor.
func (o *OIDC) Try(ctx context.Context) error {
	p, err := o.open()
	if err != nil {
		return err
	}
	return p.Discover(ctx)
}

func (o *OIDC) open() (*oidc.Provider, error) {
	return oidc.New(oidc.Config{
		Name: o.Name, Title: o.Title, Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: oidc.Secret(o.secret.Reveal()),
		Scopes: o.Scopes, UsernameClaim: o.UsernameClaim, GroupsClaim: o.GroupsClaim, GroupMap: o.MapGroup,
		TrustEmail: o.TrustEmail, TrustAMR: o.TrustAMR, AllowPrivate: o.AllowPrivate,
	}, oidc.Deps{})
}
