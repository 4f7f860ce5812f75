package consent

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// Terms are what a client asks for.
type Terms struct {
	Client string
	// Scopes and Resources (RFC 8707) are granted together or not at all. Their
	// order does not matter.
	Scopes, Resources []string
	// Claims are what is asked for by name and comes with none of the scopes
	// (OpenID Connect Core, section 5.5).
	Claims []Claim `json:",omitempty"`
}

// Claim is a claim with the scope that it belongs to: who allowed that allowed
// the claim.
type Claim struct{ Scope, Name string }

// heads are the scopes to show the terms under: those that are asked for, and
// those that the claims belong to.
func (t Terms) heads() []string {
	heads := slices.Clone(t.Scopes)
	for _, claim := range t.Claims {
		if !slices.Contains(heads, claim.Scope) {
			heads = append(heads, claim.Scope)
		}
	}
	return heads
}

// Ask is one request as one person sees it.
type Ask struct {
	Terms
	// Request identifies the request letter by letter.
	Request string
	// Subject is who is asked, SID their session, which is in one browser only.
	Subject identity.Subject
	SID     string
}

// sorted gives the terms a canonical form.
func (t Terms) sorted() Terms {
	t.Scopes, t.Resources = slices.Sorted(slices.Values(t.Scopes)), slices.Sorted(slices.Values(t.Resources))
	t.Scopes, t.Resources = slices.Compact(t.Scopes), slices.Compact(t.Resources)
	t.Claims = slices.SortedFunc(slices.Values(t.Claims), func(a, b Claim) int { return strings.Compare(a.Name, b.Name) })
	t.Claims = slices.Compact(t.Claims)
	return t
}

// covers tells whether t allows everything that wanted asks for.
func (t Terms) covers(wanted Terms) bool {
	return t.Client == wanted.Client && within(wanted.Scopes, t.Scopes) && within(wanted.Resources, t.Resources) &&
		!slices.ContainsFunc(wanted.Claims, func(c Claim) bool { return !slices.Contains(t.Scopes, c.Scope) && !slices.Contains(t.Claims, c) })
}

// within tells whether all of few are among many.
func within(few, many []string) bool {
	return !slices.ContainsFunc(few, func(s string) bool { return !slices.Contains(many, s) })
}

// key is under what the answer is kept. Everything that the answer is bound to
// is in it.
func (a Ask) key() (string, error) {
	a.Terms = a.Terms.sorted()
	canonical, err := json.Marshal(a)
	return secret.Hash("consent answer", string(canonical)), err
}

// pair names what a person and a client have between them, for the index.
func pair(sub identity.Subject, client string) string {
	return secret.Hash("consent pair", string(sub), client)
}
