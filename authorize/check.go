package authorize

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// rule is one check of a request whose client and redirect address are known
// to belong together. It fills in what it checked.
type rule struct {
	name  string
	where string
	check func(params, *Request) *ClientError
}

// rules lists the checks in their order; the first that fails answers. What cfg
// demands of requests it demands whoever the client is.
func rules(cfg *Config) []rule {
	return []rule{
		{"once", "RFC 6749, 3.1", checkOnce},
		{"response_mode", "OAuth 2.0 Multiple Response Type Encoding Practices, 2.1", checkMode},
		{"state", "RFC 6749, appendix A.5", checkState},
		{"text", "RFC 6749, appendix A", checkText},
		{"pushed", "RFC 9126, 5 and 6", checkPushed(cfg.RequirePushedRequests)},
		{"signed", "RFC 9101, 10.5", checkSigned(cfg.RequireSignedRequests)},
		{"registration", "OpenID Connect Core, 7.2.1", checkRegistration},
		{"response_type", "RFC 6749, 3.1.1; OAuth 2.1, 1.4", checkResponseType},
		{"grant", "RFC 6749, 4.1.2.1", checkGrant},
		{"code_challenge", "RFC 7636, 4.4.1; RFC 9700, 2.1.1", checkChallenge},
		{"scope", "RFC 6749, 3.3; OpenID Connect Core, 3.1.2.1", checkScope},
		{"resource", "RFC 8707, 2.1", checkResource},
		{"scope at resource", "RFC 8707, 2; RFC 6749, 3.3", checkPlaces(cfg.Resources)},
		{"nonce", "OpenID Connect Core, 3.1.2.1", checkNonce},
		{"prompt", "OpenID Connect Core, 3.1.2.1", checkPrompt(cfg.CreateAccount != nil)},
		{"max_age", "OpenID Connect Core, 3.1.2.1", checkMaxAge},
		{"acr_values", "OpenID Connect Core, 3.1.2.1", checkACR},
		{"claims", "OpenID Connect Core, 5.5", checkClaims},
		{"dpop_jkt", "RFC 9449, 10", checkKey},
		{"hints", "OpenID Connect Core, 3.1.2.1", checkHints},
	}
}

// check judges everything that can be judged without knowing who is signed in.
// The error is a *DisplayError, a *ClientError, or a failure of ours.
func check(ctx context.Context, p params, cfg *Config) (*Request, error) {
	c, err := checkClient(ctx, p, cfg.Clients)
	if err != nil {
		return nil, err
	}
	back, shown := checkRedirect(p, c)
	if shown != nil {
		return nil, shown
	}
	q := &Request{Client: c, back: back}
	for _, rule := range rules(cfg) {
		if no := rule.check(p, q); no != nil {
			return nil, no
		}
	}
	q.strip(cfg.Providers)
	if no := q.demandClass(cfg.ClassProviders); no != nil {
		return nil, no
	}
	return q, nil
}

// checkClient: RFC 6749, section 4.1.2.1. A client that is unknown, and one
// whose id comes twice, get our page (OAU-02).
func checkClient(ctx context.Context, p params, clients client.Clients) (*client.Client, error) {
	if len(p.values["client_id"]) != 1 {
		return nil, display(fault.Invalid, codeInvalidRequest, "The application did not say who it is.").at("client_id")
	}
	c, err := clients.Client(ctx, p.get("client_id"))
	var no *DisplayError
	switch {
	case err == nil:
		return c, nil
	case fault.Is(err, fault.NotFound):
		no = display(fault.Invalid, codeUnauthorizedClient, "The application that sent you here is not known.").at("client_id")
	case fault.Is(err, fault.Throttled):
		no = display(fault.Throttled, codeUnavailable, "Too many applications that are new here were opened from your network. Please wait a minute.")
	case errors.Is(err, client.ErrSilent): // what was named is out of reach, and nothing of ours
		no = display(fault.Invalid, codeUnavailable, "The application that sent you here can't be reached. Please try again later.")
	default:
		return nil, fault.At("authorize.checkClient", err)
	}
	no.err.Err = err
	return nil, no
}

// checkRedirect: RFC 9700, section 2.1. It is the only place that makes a
// redirect (OAU-01, OAU-02). There is no default, not even for a client with
// one address: what is sent must be what was meant.
func checkRedirect(p params, c *client.Client) (redirect, *DisplayError) {
	if len(p.values["redirect_uri"]) != 1 || !c.Redirects(p.get("redirect_uri")) {
		no := display(fault.Invalid, codeInvalidRequest, "The application asked to send you to an address that is not registered for it.").at("redirect_uri")
		no.Client = c.DisplayName()
		return redirect{}, no
	}
	return redirect{client: c.ID, unvouched: c.Dynamic, uri: p.get("redirect_uri"), pushed: p.pushed}.aim(p, c), nil
}

// aim takes how the answer goes and the state it carries, as far as they are
// usable, before anything else is judged: so that every error, even one about
// the other of the two, arrives as the client wishes.
func (r redirect) aim(p params, c *client.Client) redirect {
	modes := c.Modes(r.uri)
	r.mode = modes[0]
	if mode := askedMode(p); slices.Contains(modes, mode) {
		r.mode = mode
	}
	if state := p.get("state"); len(p.values["state"]) == 1 && len(state) <= maxState && form.Plain(state) {
		r.state = state
	}
	return r
}

// askedMode is the response mode that a request asks for: for a code, query
// unless it says otherwise.
func askedMode(p params) string {
	if mode := p.get("response_mode"); mode != "" && len(p.values["response_mode"]) == 1 {
		return mode
	}
	return client.ModeQuery
}

// checkMode: a way that can't be gone is answered by one that can (OAU-16).
func checkMode(p params, q *Request) *ClientError {
	if q.back.mode != askedMode(p) {
		return q.back.refuse(codeInvalidRequest, "response_mode is not one that this client has for this redirect_uri")
	}
	return nil
}

// checkState: what is to be returned letter by letter (OAU-19), and can't be,
// is not returned at all.
func checkState(p params, q *Request) *ClientError {
	if q.back.state != p.get("state") {
		return q.back.refuse(codeInvalidRequest, "state is too long or not plain text")
	}
	return nil
}

// checkOnce: "Request and response parameters MUST NOT be included more than
// once" (OAU-14).
func checkOnce(p params, q *Request) *ClientError {
	once := slices.DeleteFunc(sorted(p.values), func(name string) bool { return name == paramResource })
	if name := form.Doubled(p.values, once); name != "" {
		return q.back.refuse(codeInvalidRequest, name+" occurs more than once")
	}
	return nil
}

// checkText bounds every known parameter in length and alphabet (OAU-23).
func checkText(p params, q *Request) *ClientError {
	for _, name := range sorted(p.values) {
		if v := p.get(name); len(v) > limits[name] || !form.Plain(v) {
			return q.back.refuse(codeInvalidRequest, name+" is too long or not plain text")
		}
	}
	return nil
}

// sorted makes the first of several errors the same one every time.
func sorted(values url.Values) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// checkRegistration: nobody registers by asking.
func checkRegistration(p params, q *Request) *ClientError {
	if p.get("registration") != "" {
		return q.back.refuse(codeNoRegistration, "self-issued clients are not supported")
	}
	return nil
}

// checkResponseType: the code flow alone (OAU-12).
func checkResponseType(p params, q *Request) *ClientError {
	switch p.get("response_type") {
	case "code":
		return nil
	case "":
		return q.back.refuse(codeInvalidRequest, "response_type is missing")
	default:
		return q.back.refuse(codeUnsupportedResponse, "only response_type code is offered")
	}
}

// checkGrant: a client that may not redeem codes gets none (OAU-13).
func checkGrant(_ params, q *Request) *ClientError {
	if !q.Client.MayUse(client.GrantCode) {
		return q.back.refuse(codeUnauthorizedClient, "this client may not use the authorization code grant")
	}
	return nil
}

// checkChallenge: PKCE with S256 from everybody; "plain" is refused, and so is
// a missing method, which would mean plain (RFC 7636, section 4.3; OAU-05).
func checkChallenge(p params, q *Request) *ClientError {
	challenge, method := p.get("code_challenge"), p.get("code_challenge_method")
	switch {
	case challenge == "" && method == "" && q.Client.InsecurePKCEOptional && !q.Client.Public:
		return nil
	case challenge == "":
		return q.back.refuse(codeInvalidRequest, "code_challenge is missing")
	case method != "S256":
		return q.back.refuse(codeInvalidRequest, "code_challenge_method must be S256")
	case !secret.Valid(challenge): // a SHA-256 in base64url has just the form of a secret
		return q.back.refuse(codeInvalidRequest, "code_challenge is not a SHA-256 in base64url")
	}
	q.Challenge = challenge
	return nil
}

// checkScope: see [client.Client.Asked].
func checkScope(p params, q *Request) *ClientError {
	scopes, err := q.Client.Asked(p.get("scope"))
	if err != nil {
		return q.back.refuse(codeInvalidScope, err.Error())
	}
	q.Scopes = scopes
	return nil
}

// checkResource: see [client.Client.AskedFor].
func checkResource(p params, q *Request) *ClientError {
	resources, err := q.Client.AskedFor(p.values[paramResource])
	if err != nil {
		return q.back.refuse(codeInvalidTarget, err.Error())
	}
	q.Resources = resources
	return nil
}

// checkPlaces: see [client.Resources.CheckPlaces].
func checkPlaces(known client.Resources) func(params, *Request) *ClientError {
	return func(_ params, q *Request) *ClientError {
		if err := known.CheckPlaces(q.Scopes, q.Resources); err != nil {
			return q.back.refuse(codeInvalidScope, err.Error())
		}
		return nil
	}
}
