package consent

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Scope is one thing that a client asks for, with the values that it would read
// about the person now.
type Scope struct {
	Name string
	// Description says what it means, "" where the page knows better.
	Description string
	Values      []string
	// At is what people see of the resource server where alone it counts, "" if
	// that is clear or everywhere.
	At string
}

// Explain puts each value under the scope that gives it away. No value is left
// out: what has no scope of its own stands under profile, or else under the
// first scope. email_verified alone says nothing to a person.
func Explain(book claims.Book, scopes []string, values map[string]any) []Scope {
	var list []Scope
	for _, name := range scopes {
		if name != client.ScopeOffline {
			list = append(list, Scope{Name: name, Description: book.Describe(name)})
		}
	}
	if len(list) == 0 {
		return nil
	}
	under := func(name string) *Scope {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
		return nil
	}
	first := []string{"name", "preferred_username"}
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(values)), func(name string) bool { return slices.Contains(first, name) })
	for _, name := range append(first, rest...) {
		if values[name] == nil || name == "email_verified" {
			continue
		}
		at := under(book.ScopeOf(name))
		if at == nil {
			at = under(client.ScopeProfile)
		}
		if at == nil {
			at = &list[0]
		}
		at.Values = append(at.Values, texts(values[name])...)
	}
	return list
}

// texts gives a claim's value as people read it.
func texts(value any) []string {
	if list, ok := value.([]string); ok {
		return list
	}
	return []string{fmt.Sprint(value)}
}

// Days is d in whole days, rounded up.
func Days(d time.Duration) int {
	const day = 24 * time.Hour
	return int((d + day - 1) / day)
}

// Sort puts scopes that count at one of several resource servers alone behind
// the others, those of one server together, and says so of each.
func Sort(list []Scope, known client.Resources, uris []string) []Scope {
	if len(uris) < 2 {
		return list
	}
	rank := func(s Scope) int {
		uri, _ := known.Place(s.Name, uris)
		return slices.Index(uris, uri)
	}
	slices.SortStableFunc(list, func(a, b Scope) int { return rank(a) - rank(b) })
	for i := range list {
		if at := rank(list[i]); at >= 0 {
			list[i].At = known.Shown(uris[at])
		}
	}
	return list
}
