package claims

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// Names lists the claims about a person that there may be.
func Names() []string {
	return append([]string{"name", "preferred_username", "email", "email_verified", "groups"}, profile()...)
}

// profile are the further claims of the scope profile that an account or a
// login may carry (OpenID Connect Core, section 5.1).
func profile() []string {
	return []string{
		"given_name", "family_name", "middle_name", "nickname", "profile", "picture",
		"website", "gender", "birthdate", "zoneinfo", "locale",
	}
}

// ScopeOf gives the scope that a claim about a person belongs to (section 5.4),
// "" for a claim that is not about a person, or not known.
func ScopeOf(claim string) string {
	switch claim {
	case "name", "preferred_username":
		return client.ScopeProfile
	case "email", "email_verified":
		return client.ScopeEmail
	case "groups":
		return client.ScopeGroups
	}
	if slices.Contains(profile(), claim) {
		return client.ScopeProfile
	}
	return ""
}

// Allowed gives those of some claims that a client may ask for: a claim by its
// name, if it might have asked for the scope.
func Allowed(c *client.Client, names []string) []string {
	var list []string
	for _, name := range names {
		if scope := ScopeOf(name); scope != "" && c.MayAsk(scope) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// Beyond gives those of some claims that the scopes do not bring.
func Beyond(scopes, names []string) []string {
	var list []string
	for _, name := range names {
		if !slices.Contains(scopes, ScopeOf(name)) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// Of gives the claims that the scopes ask for, and further ones by name
// (section 5.5). What is not known is left out: a claim is never empty.
func Of(session *identity.Session, scopes []string, names ...string) map[string]any {
	claims := scoped(session, scopes)
	if len(names) > 0 {
		all := scoped(session, client.Scopes())
		for _, name := range names {
			if value, known := all[name]; known {
				claims[name] = value
			}
		}
	}
	return claims
}

// scoped gives the claims that the scopes ask for.
func scoped(session *identity.Session, scopes []string) map[string]any {
	user, claims := session.User, map[string]any{}
	put := func(name, value string) {
		if value != "" {
			claims[name] = value
		}
	}
	if slices.Contains(scopes, client.ScopeProfile) {
		for _, name := range profile() {
			put(name, user.Claims[name])
			put(name, session.Claims[name]) // the login's override the account's
		}
		put("name", user.Name)
		put("preferred_username", user.Username)
	}
	if slices.Contains(scopes, client.ScopeEmail) && user.Email != "" {
		claims["email"], claims["email_verified"] = user.Email, user.EmailVerified
	}
	if slices.Contains(scopes, client.ScopeGroups) {
		claims["groups"] = append([]string{}, user.Groups...) // [] rather than null
	}
	return claims
}
