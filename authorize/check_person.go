package authorize

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// checkNonce: without PKCE the nonce is what ties the code to the browser that
// asked for it, so it is needed then, and with it the ID token it is read from
// (RFC 9700, section 2.1.1; OAU-05).
func checkNonce(p params, q *Request) *ClientError {
	q.Nonce = p.get("nonce")
	bound := q.Challenge != "" || q.Nonce != "" && slices.Contains(q.Scopes, client.ScopeOpenID)
	if !bound && !q.Client.InsecureNonceOptional {
		return q.back.refuse(codeInvalidRequest, "a request without PKCE needs nonce and the scope openid")
	}
	return nil
}

// checkPrompt: "If this parameter contains none with any other value, an error
// is returned" (OAU-17); create stands alone too. Where nobody can make an account
// it is a value that discovery does not list and that gets invalid_request
// (Initiating User Registration via OpenID Connect, section 4). What is made is
// another account, so whoever is signed in signs in again.
func checkPrompt(create bool) func(params, *Request) *ClientError {
	return func(p params, q *Request) *ClientError {
		prompts := strings.Fields(p.get("prompt"))
		for _, prompt := range prompts {
			switch {
			case prompt == "none":
				q.None = true
			case prompt == "login" || prompt == "select_account":
				q.Login = true
			case prompt == "consent":
				q.Consent = true
			case prompt == "create" && create:
				q.Create, q.Login = true, true
			default:
				return q.back.refuse(codeInvalidRequest, "prompt has an unknown value")
			}
		}
		if (q.None || q.Create) && len(prompts) > 1 {
			return q.back.refuse(codeInvalidRequest, "prompt none and prompt create stand alone")
		}
		return nil
	}
}

// checkMaxAge: a number of seconds, 0 included.
func checkMaxAge(p params, q *Request) *ClientError {
	text := p.get("max_age")
	if text == "" {
		return nil
	}
	seconds, err := strconv.ParseUint(text, 10, 64) // refuses signs
	if err != nil {
		return q.back.refuse(codeInvalidRequest, "max_age is not a number of seconds")
	}
	const most = 100 * 365 * 24 * 60 * 60 // keeps the duration from overflowing
	age := time.Duration(min(seconds, most)) * time.Second
	q.MaxAge = &age
	return nil
}

// checkACR splits acr_values: idp:x and tenant:x are instructions to the login
// page, everything else is a wish about its strength.
func checkACR(p params, q *Request) *ClientError {
	for _, value := range strings.Fields(p.get("acr_values")) {
		if idp, ok := strings.CutPrefix(value, "idp:"); ok {
			q.IDP = idp
		} else if tenant, ok := strings.CutPrefix(value, "tenant:"); ok {
			q.Tenant = tenant
		} else {
			q.ACRValues = append(q.ACRValues, value)
		}
	}
	return nil
}

// strip drops a wished identity provider that can't be had: unknown, or not
// accepted by the client. It is a wish, not a condition (OpenID Connect Core,
// section 3.1.2.1, acr_values are voluntary).
func (q *Request) strip(providers []string) {
	known := providers == nil || q.IDP == identity.Local || slices.Contains(providers, q.IDP)
	if q.IDP != "" && (!known || !q.Client.Takes(q.IDP)) {
		q.IDP = ""
	}
}

// demandClass finds who could give a login one of the classes that are demanded.
// If nobody can, nobody is made to sign in for nothing: an essential acr that
// can't be had is "a failed authentication attempt" (OpenID Connect Core, section
// 5.5.1.1; MFA-10). providers are those of [Config.ClassProviders].
func (q *Request) demandClass(providers []string) *ClientError {
	if len(q.EssentialACR) == 0 || providers == nil {
		return nil
	}
	q.may = slices.DeleteFunc(slices.Clone(providers), func(name string) bool {
		return !q.Client.Takes(name) || q.IDP != "" && q.IDP != name
	})
	if len(q.may) == 0 {
		return q.back.refuse(codeUnmet, "no login here has any of the classes in claims")
	}
	return nil
}

// checkClaims: what is asked for by name (OpenID Connect Core, section 5.5;
// OAU-23). What the client may not have is left out: "the Authorization Server
// MUST NOT generate an error when Claims are not returned, whether they are
// Essential or Voluntary". Two claims are different (section 5.5.1): a sub that
// is asked for must be the one that is answered for (OAU-24), and so must an
// essential acr in the ID token.
func checkClaims(p params, q *Request) *ClientError {
	text := p.get("claims")
	if text == "" {
		return nil
	}
	asked, err := claims.Parse(text)
	if err != nil {
		return q.back.refuse(codeInvalidRequest, "claims can't be read")
	}
	for _, wishes := range []claims.Wishes{asked.IDToken, asked.UserInfo} {
		if sub := wishes["sub"]; sub.Limited && !q.demand(subjects(sub.Values)...) {
			return q.back.refuse(codeInvalidRequest, "no sub can fit these claims")
		}
	}
	switch acr := asked.IDToken["acr"]; {
	case acr.Essential:
		q.EssentialACR = acr.Values
		if acr.Limited && len(acr.Values) == 0 {
			return q.back.refuse(codeUnmet, "no acr can fit these claims")
		}
	default:
		q.ACRValues = append(q.ACRValues, acr.Values...)
	}
	if slices.Contains(q.Scopes, client.ScopeOpenID) { // else there is nothing that could answer
		q.IDTokenClaims, q.UserInfoClaims = asked.IDToken.Names(), asked.UserInfo.Names()
	}
	return nil
}

// subjects takes texts for subjects.
func subjects(texts []string) []identity.Subject {
	list := make([]identity.Subject, len(texts))
	for i, text := range texts {
		list[i] = identity.Subject(text)
	}
	return list
}

// demand narrows who may be signed in to subjects. It is false if nobody is
// left.
func (q *Request) demand(subjects ...identity.Subject) bool {
	if len(q.Subjects) == 0 {
		q.Subjects = subjects
	} else {
		q.Subjects = slices.DeleteFunc(slices.Clone(q.Subjects), func(s identity.Subject) bool { return !slices.Contains(subjects, s) })
	}
	return len(q.Subjects) > 0
}

// checkHints takes what is for the login page, and the hint that recall
// verifies. display and claims_locales have no effect here.
func checkHints(p params, q *Request) *ClientError {
	q.LoginHint, q.UILocales, q.hint = p.get("login_hint"), p.get("ui_locales"), p.get("id_token_hint")
	return nil
}
