package caddymodule

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Claim is what clients are told about a person under one name.
type Claim struct {
	// Name is how clients see it. The claims of the protocol, and email, can't
	// be given another meaning.
	// Example: "roles". Default: none, it is needed.
	Name string `json:"name,omitempty"`

	// From is an attribute of the person: "username", "name", "email" (if it is
	// verified), "groups", "idp", or what else the account or the login
	// carries. Default: none; this or a value is needed.
	From string `json:"from,omitempty"`

	// Value is a fixed text instead. Default: none.
	Value string `json:"value,omitempty"`
}

// Scope is a scope of this installation's own.
type Scope struct {
	// Description says to people what it means, when they are asked for consent.
	// Example: "Read your calendar". Default: the scope's name.
	Description string `json:"description,omitempty"`

	// Claims are what the scope tells about the person (OpenID Connect Core,
	// section 5.4). Default: nothing, it is for a resource server.
	Claims []Claim `json:"claims,omitempty"`
}

// Resource is a resource server (RFC 8707).
type Resource struct {
	// Name is shown beside its address when people are asked for consent.
	// Example: "Calendar". Default: the address alone.
	Name string `json:"name,omitempty"`

	// AccessToken is the form of access tokens that are meant for it: "opaque"
	// or "jwt" (RFC 9068). Default: as their client says.
	AccessToken string `json:"access_token,omitempty"`

	// AccessTokenLifetime is how long they are good at most, in whole seconds
	// and at most an hour. Example: "2m". Default: as their client says.
	AccessTokenLifetime caddy.Duration `json:"access_token_lifetime,omitempty"`

	// Scopes are those that mean something at this server, and are left out of
	// tokens that are meant for others alone. Example: ["calendar.read"].
	// Default: none, scopes mean the same everywhere.
	Scopes []string `json:"scopes,omitempty"`
}

// built are claims as package client knows them.
func built(list []Claim) []client.Claim {
	var out []client.Claim
	for _, c := range list {
		out = append(out, client.Claim(c))
	}
	return out
}

// book are the scopes, all of them.
func (a *App) book() (claims.Book, error) {
	var own []claims.Scope
	for _, name := range slices.Sorted(maps.Keys(a.Scopes)) {
		scope := claims.Scope{Name: name}
		if s := a.Scopes[name]; s != nil {
			scope.Description, scope.Claims = s.Description, built(s.Claims)
		}
		own = append(own, scope)
	}
	book, err := claims.NewBook(own...)
	return book, onOneLine(err)
}

// onOneLine puts everything that is wrong on one line.
func onOneLine(err error) error {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		return join(list.Unwrap())
	}
	return err
}

// resources are the resource servers.
func (a *App) resources() client.Resources {
	out := client.Resources{}
	for uri, r := range a.Resources {
		if r != nil {
			out[uri] = r.build()
		}
	}
	return out
}

func (r *Resource) build() client.Resource {
	return client.Resource{Name: r.Name, AccessToken: r.AccessToken, AccessTokenLife: time.Duration(r.AccessTokenLifetime), Scopes: r.Scopes}
}

// checkClaims looks at what stands beside the clients.
func (a *App) checkClaims(r *resolver) {
	for _, name := range slices.Sorted(maps.Keys(a.Scopes)) {
		if scope := a.Scopes[name]; scope != nil && scope.Description != "" {
			r.text("scope "+name+": description", &scope.Description)
			r.check("scope "+name+": description", isLine(scope.Description))
		}
	}
	_, err := a.book()
	r.check("scopes", err)
	for _, uri := range slices.Sorted(maps.Keys(a.Resources)) {
		where, one := "resource "+uri, a.Resources[uri]
		r.check("resource", isResource(uri))
		if one == nil {
			continue
		}
		r.text(where+": name", &one.Name)
		if one.Name != "" {
			r.check(where+": name", isLine(one.Name))
		}
		r.check(where, one.build().Validate())
	}
	if a.Issuer == "" && len(a.Scopes)+len(a.Resources) > 0 {
		r.check("scope, resource", fmt.Errorf("without a client there is nobody to ask for them: %w", errClientsNeedIssuer))
	}
}
