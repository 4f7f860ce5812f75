package caddymodule

import (
	"context"
	"maps"

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
		Name: o.Name, Title: o.Title, Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: oidc.Secret(o.secret.Reveal()), AuthMethod: o.AuthMethod,
		Scopes: o.Scopes, ClaimMap: o.claims(), GroupMap: o.MapGroup,
		TrustEmail: o.TrustEmail, TrustAMR: o.TrustAMR, TenantParameter: o.TenantParameter, AllowPrivate: o.AllowPrivate,
	}, oidc.Deps{})
}

// claims is the claim map with the two settings that have a name of their own.
func (o *OIDC) claims() map[string]string {
	all := map[string]string{"username": o.UsernameClaim, "groups": o.GroupsClaim}
	maps.DeleteFunc(all, func(_, claim string) bool { return claim == "" })
	maps.Copy(all, o.ClaimMap)
	return all
}
