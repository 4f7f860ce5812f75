package client

import (
	"errors"
	"fmt"
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
}

// Resources are resource servers by address.
type Resources map[string]Resource

// Validate reports everything that is wrong with r, joined.
func (r Resource) Validate() error {
	var problems []error
	if r.AccessToken != "" && r.AccessToken != Opaque && r.AccessToken != JWT {
		problems = append(problems, fmt.Errorf("access_token %q: must be %s or %s", shown(r.AccessToken), Opaque, JWT))
	}
	if r.AccessTokenLife < 0 || r.AccessTokenLife > maxAccessTokenLife || r.AccessTokenLife%time.Second != 0 {
		problems = append(problems, errors.New("access_token_life: must be a number of seconds, at most an hour"))
	}
	return errors.Join(problems...)
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

// Shown is what people see of a resource server.
func (list Resources) Shown(uri string) string {
	if name := list[uri].Name; name != "" {
		return name + " (" + uri + ")"
	}
	return uri
}
