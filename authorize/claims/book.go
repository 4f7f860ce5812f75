package claims

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Scope is a scope of this installation's own, with the claims that it stands
// for.
type Scope struct {
	Name string
	// Description says to people what it means. Default: its name.
	Description string
	// Claims may be none: then the scope means something to a resource server
	// alone.
	Claims []client.Claim
}

// Book knows what every scope stands for. The zero Book has the scopes of
// OpenID Connect alone. It is immutable.
type Book struct{ own []Scope }

// NewBook adds scopes to those of OpenID Connect. It reports everything that is
// wrong at once.
func NewBook(own ...Scope) (Book, error) {
	var problems []error
	var b Book
	for _, scope := range own {
		if err := b.fits(scope); err != nil {
			problems = append(problems, fmt.Errorf("scope %q: %w", scope.Name, err))
		}
		b.own = append(b.own, scope)
	}
	return b, errors.Join(problems...)
}

// fits tells whether scope has a place beside those that are there. A claim
// belongs to one scope, so that it is clear what asking for it asks for.
func (b Book) fits(scope Scope) error {
	switch {
	case !client.IsScope(scope.Name):
		return errors.New("must consist of printable ASCII characters")
	case slices.Contains(b.Scopes(), scope.Name) || scope.Name == client.ScopeOffline:
		return errors.New("is there already")
	}
	var names []string
	for _, claim := range scope.Claims {
		if err := claim.Validate(); err != nil {
			return fmt.Errorf("claim %q: %w", claim.Name, err)
		}
		same := func(other string) bool { return strings.EqualFold(other, claim.Name) } // as who reads JSON may take them
		if i := slices.IndexFunc(b.Names(), same); i >= 0 {
			return fmt.Errorf("claim %q: belongs to the scope %s", claim.Name, b.ScopeOf(b.Names()[i]))
		}
		if slices.ContainsFunc(names, same) {
			return fmt.Errorf("claim %q: is given twice", claim.Name)
		}
		names = append(names, claim.Name)
	}
	return nil
}

// Scopes lists the scopes, offline_access not among them.
func (b Book) Scopes() []string {
	list := client.Scopes()
	for _, scope := range b.own {
		list = append(list, scope.Name)
	}
	return list
}

// Describe says to people what a scope means, "" for one that has no words of
// its own here.
func (b Book) Describe(scope string) string {
	for _, own := range b.own {
		if own.Name == scope {
			return own.Description
		}
	}
	return ""
}

// Names lists the claims about a person that belong to a scope.
func (b Book) Names() []string {
	var list []string
	for _, scope := range b.Scopes() {
		list = append(list, b.of(scope)...)
	}
	return list
}

// of lists the claims that a scope stands for.
func (b Book) of(scope string) []string {
	switch scope {
	case client.ScopeProfile:
		return profile()
	case client.ScopeEmail:
		return []string{"email", "email_verified"}
	case client.ScopeGroups:
		return []string{"groups"}
	}
	var list []string
	for _, own := range b.own {
		if own.Name != scope {
			continue
		}
		for _, claim := range own.Claims {
			list = append(list, claim.Name)
		}
	}
	return list
}

// ScopeOf gives the scope that a claim about a person belongs to (OpenID Connect
// Core, section 5.4), "" for any other.
func (b Book) ScopeOf(claim string) string {
	for _, scope := range b.Scopes() {
		if slices.Contains(b.of(scope), claim) {
			return scope
		}
	}
	return ""
}

// Allowed gives those of some claims that a client may ask for: a claim by its
// name, if it might have asked for the scope.
func (b Book) Allowed(c *client.Client, names []string) []string {
	var list []string
	for _, name := range names {
		if scope := b.ScopeOf(name); scope != "" && c.MayAsk(scope) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// Beyond gives those of some claims that the scopes do not bring.
func (b Book) Beyond(scopes, names []string) []string {
	var list []string
	for _, name := range names {
		if !slices.Contains(scopes, b.ScopeOf(name)) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}
