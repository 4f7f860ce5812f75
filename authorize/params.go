package authorize

import (
	"maps"
	"net/url"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// maxState bounds what is returned letter by letter.
const maxState = 4096

// maxLocales has room for every language that a browser may list: wishes that are
// not met are no error (OpenID Connect Core, section 3.1.2.1). The same goes for
// login_hint, which may be an address of 254 (RFC 5321, section 4.5.3.1.3).
const maxLocales = 1000

// limits are the parameters that have a meaning here, with their greatest
// length in bytes. Everything else is ignored, even doubled (OAU-14), and does
// not travel on.
var limits = map[string]int{
	"client_id": 300, "redirect_uri": 400, "response_type": 100, "response_mode": 100,
	"scope": 300, "state": maxState, "nonce": 300, "prompt": 100, "max_age": 100,
	"ui_locales": maxLocales, "login_hint": 256, "acr_values": 300, "id_token_hint": 4000,
	"code_challenge": 128, "code_challenge_method": 100, "claims": 8192,
	"display": 100, "claims_locales": maxLocales, paramResource: 512,
	"dpop_jkt": 100, "request": form.MaxBytes, "request_uri": form.MaxBytes, "registration": form.MaxBytes,
}

// paramResource names a resource server, and may come more than once (RFC 8707,
// section 2).
const paramResource = "resource"

// The parameters that carry a whole request, sealed by us. They stand alone.
const (
	paramPosted  = "gatehouse_post"    // what was posted, see post.go
	paramDenied  = "gatehouse_deny"    // a request its login page turned down, see deny.go
	paramCreated = "gatehouse_created" // one whose person was sent to make an account, see create.go
)

// params is a request before anything is judged.
type params struct {
	values  url.Values // known parameters only, every occurrence
	sent    url.Values // what brings them: themselves, or what they come in (see unwrap.go)
	address string     // the query that brings the same request again by GET
	denied  bool       // a login page says no
	created bool       // the person was sent to make an account, see create.go
	posted  bool
	signed  bool            // it came in a request object (RFC 9101)
	ahead   bool            // it was pushed, or is being pushed (RFC 9126)
	pushed  *pushed.Request // what keeps it, nil while it is being pushed
	jkt     string          // the key that was shown when it was pushed
}

// get gives a parameter, "" if absent. "Parameters sent without a value MUST
// be treated as if they were omitted" (RFC 6749, section 3.1).
func (p params) get(name string) string { return p.values.Get(name) }

// hash identifies the request: whoever repeats it letter by letter gets the
// same one, whatever order, encoding or unknown parameters it comes with.
func (p params) hash() string { return secret.Hash("authorize request", p.sent.Encode()) }

// newParams sorts out what was sent.
func newParams(values url.Values) params {
	p := params{values: known(values)}
	p.sent = wrapping(p.values)
	p.address = p.sent.Encode()
	return p
}

// parse reads a query. A request may come plain, or sealed: as posted, denied, or
// coming back from where accounts are made.
func (s *Server) parse(query string) (params, error) {
	values, err := form.Parse(query)
	if err != nil {
		return params{}, malformed()
	}
	name, open := "", s.openPosted
	switch {
	case values.Has(paramPosted):
		name = paramPosted
	case values.Has(paramDenied):
		name, open = paramDenied, s.openDenied
	case values.Has(paramCreated):
		name, open = paramCreated, s.openCreated
	default:
		return newParams(values), nil
	}
	if len(values) != 1 || len(values[name]) != 1 {
		return params{}, malformed()
	}
	return open(values.Get(name))
}

// known drops what has no meaning here.
func known(values url.Values) url.Values {
	out := url.Values{}
	for name, v := range values {
		if _, ok := limits[name]; ok {
			out[name] = v
		}
	}
	return out
}

// names lists the parameters of [limits].
func names() []string { return slices.Sorted(maps.Keys(limits)) }

// only is values without all but some.
func only(values url.Values, names ...string) url.Values {
	out := url.Values{}
	for _, name := range names {
		if v, ok := values[name]; ok {
			out[name] = v
		}
	}
	return out
}

// malformed is the answer to what can't be read at all.
func malformed() *DisplayError {
	return display(fault.Invalid, codeInvalidRequest, "The address that brought you here is damaged. Go back to the application and try again.")
}
