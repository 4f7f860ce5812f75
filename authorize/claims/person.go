package claims

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// profile are the claims of the scope profile (OpenID Connect Core, section
// 5.4). All but the first two are what an account or a login may carry under
// that name.
func profile() []string {
	return []string{
		"name", "preferred_username", "given_name", "family_name", "middle_name", "nickname", "profile", "picture",
		"website", "gender", "birthdate", "zoneinfo", "locale",
	}
}

// Of gives what c learns of a person: the claims that the scopes stand for,
// further ones by name (section 5.5), and those of the client's own that belong
// to no scope. What is not known is left out: a claim is never empty.
func (b Book) Of(c *client.Client, session *identity.Session, scopes []string, names ...string) map[string]any {
	claims := map[string]any{}
	give := func(name string) {
		if value := b.value(c, session, name); value != nil {
			claims[name] = value
		}
	}
	for _, scope := range scopes {
		for _, name := range b.of(scope) {
			give(name)
		}
	}
	for _, name := range names {
		give(name)
	}
	for _, own := range c.Claims {
		if b.ScopeOf(own.Name) == "" {
			give(own.Name)
		}
	}
	return claims
}

// value is what a claim says of a person to c, nil if that is not known. The
// client's own word for it comes first, then that of a scope.
func (b Book) value(c *client.Client, session *identity.Session, name string) any {
	named := func(one client.Claim) bool { return one.Name == name }
	if i := slices.IndexFunc(c.Claims, named); i >= 0 {
		return valueOf(c.Claims[i], session)
	}
	for _, scope := range b.own {
		if i := slices.IndexFunc(scope.Claims, named); i >= 0 {
			return valueOf(scope.Claims[i], session)
		}
	}
	switch name {
	case "preferred_username":
		return text(session.User.Username)
	case "email":
		return text(session.User.Email)
	case "email_verified":
		if session.User.Email == "" {
			return nil
		}
		return session.User.EmailVerified
	}
	if b.ScopeOf(name) == "" {
		return nil // not about a person
	}
	return attribute(session, name)
}

// valueOf is what a claim says that the configuration has a word for.
func valueOf(c client.Claim, session *identity.Session) any {
	if c.Value != "" {
		return c.Value
	}
	return attribute(session, c.From)
}

// attribute is what is known of a person under a name. Nobody can tell from a
// claim of another name whether an address was verified, so only a verified one
// is given that way.
func attribute(session *identity.Session, name string) any {
	user := session.User
	switch name {
	case "username":
		return text(user.Username)
	case "name":
		return text(user.Name)
	case "email":
		if !user.EmailVerified {
			return nil
		}
		return text(user.Email)
	case "groups":
		return append([]string{}, user.Groups...) // [] rather than null
	case "idp":
		return text(session.IDP)
	}
	if value := session.Claims[name]; value != "" { // the login's override the account's
		return value
	}
	return text(user.Claims[name])
}

// text is s, nil if it is empty.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
