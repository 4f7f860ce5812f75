package client

import (
	"slices"
	"time"
)

// Resource is what is known of a resource server (RFC 8707).
type Resource struct {
	// Name is what people see beside its address. Default: none.
	Name string
	// AccessToken is the form of the tokens that are meant for it, whatever
	// their client's is: opaque or jwt. Default: the client's.
	AccessToken string
	// AccessTokenLife is how long they live at most. Default: 0, as the client
	// says.
	AccessTokenLife time.Duration
	// Scopes are those that mean something here, and nothing where no other
	// resource has them too. One that no resource has means the same everywhere.
	Scopes []string
}

// Resources are resource servers by address.
type Resources map[string]Resource

// Validate reports everything that is wrong with r: the error is
// [Problems].
func (r Resource) Validate() error {
	var problems Problems
	if r.AccessToken != "" && r.AccessToken != Opaque && r.AccessToken != JWT {
		problems = append(problems, NewProblem("{access_token} %q: must be %s or %s", shown(r.AccessToken), Opaque, JWT))
	}
	if r.AccessTokenLife < 0 || r.AccessTokenLife > maxAccessTokenLife || r.AccessTokenLife%time.Second != 0 {
		problems = append(problems, NewProblem("{access_token_lifetime}: must be a number of seconds, at most an hour"))
	}
	for i, scope := range r.Scopes {
		switch {
		case !IsScope(scope):
			problems = append(problems, NewProblem("{scopes}: %q is no scope", shown(scope)))
		case scope == ScopeOffline || slices.Contains(Scopes(), scope):
			problems = append(problems, NewProblem("{scopes}: %s is about the person, and means the same everywhere", scope))
		case slices.Contains(r.Scopes[:i], scope):
			problems = append(problems, NewProblem("{scopes}: %s is given twice", shown(scope)))
		}
	}
	return problems.err()
}

// Form is the form of a client's token that is meant for targets, all of them.
// It is false if they want different ones.
func (list Resources) Form(c *Client, targets []string) (string, bool) {
	form := ""
	for _, uri := range targets {
		wanted := list[uri].AccessToken
		if wanted == "" {
			wanted = c.AccessToken
		}
		if wanted == "" {
			wanted = Opaque
		}
		if form != "" && form != wanted {
			return "", false
		}
		form = wanted
	}
	return form, true
}

// Life is how long a token lives that is meant for targets and would live for d.
func (list Resources) Life(d time.Duration, targets []string) time.Duration {
	for _, uri := range targets {
		if most := list[uri].AccessTokenLife; most > 0 {
			d = min(d, most)
		}
	}
	return d
}

// Scopes lists the scopes that resource servers have of their own, in order.
func (list Resources) Scopes() []string {
	var all []string
	for _, r := range list {
		all = append(all, r.Scopes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Place tells at which of some resource servers a scope means something. own is
// false for one that means the same everywhere. "" if it is a resource's own, but
// of none of these.
func (list Resources) Place(scope string, uris []string) (uri string, own bool) {
	for _, uri := range uris {
		if slices.Contains(list[uri].Scopes, scope) {
			return uri, true
		}
	}
	for _, r := range list {
		if slices.Contains(r.Scopes, scope) {
			return "", true
		}
	}
	return "", false
}

// Meant gives those of some scopes that mean something at one of these resource
// servers, or everywhere.
func (list Resources) Meant(scopes, uris []string) []string {
	var meant []string
	for _, scope := range scopes {
		if uri, own := list.Place(scope, uris); !own || uri != "" {
			meant = append(meant, scope)
		}
	}
	return meant
}

// CheckPlaces refuses scopes that mean nothing at any of the resource servers
// that are asked for with them. The error is invalid_scope, and its text a
// constant.
func (list Resources) CheckPlaces(scopes, uris []string) error {
	if len(list.Meant(scopes, uris)) < len(scopes) {
		return errPlace
	}
	return nil
}

// AllShown is what people see of some resource servers.
func (list Resources) AllShown(uris []string) []string {
	var all []string
	for _, uri := range uris {
		all = append(all, list.Shown(uri))
	}
	return all
}

// Shown is what people see of a resource server.
func (list Resources) Shown(uri string) string {
	if name := list[uri].Name; name != "" {
		return name + " (" + uri + ")"
	}
	return uri
}
