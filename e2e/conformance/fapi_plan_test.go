package conformance_test

import "slices"

// fapi is the FAPI 2.0 Security Profile, final. Modules that need request
// objects or belong to a national profile are not in it.
func fapi() plan {
	p := plan{
		title: "FAPI 2.0 Security Profile Final",
		names: []string{"fapi2-security-profile-final-test-plan"},
		about: "For `fapi_profile=plain_fapi`, `fapi_request_method=unsigned`, `fapi_response_mode=plain_response`, and `openid=openid_connect` but in the last\n" +
			"variant; each variant is `client_auth_type` and `sender_constrain`. Both clients say `profile fapi2` and have a key or certificate of their own; the second's\n" +
			"redirect address has parameters.",
		variants: securedVariants(),
	}
	for _, e := range fapiModules() {
		m := module{"fapi2-security-profile-final-" + e.name, pass(), map[string]verdict{}, e.run}
		for _, v := range p.variants {
			switch reason := fapiWarnings()[e.name]; {
			case e.only != nil && !e.only(v.first):
				m.but[v.name] = verdict{class: absent}
			case reason != "":
				m.but[v.name] = warn(reason)
			case e.name == "access-token-type-header-case-sensitivity" && v.first.plain:
				m.but[v.name] = differ("without OpenID Connect no resource of ours takes the token, and how others read it is theirs")
			}
		}
		p.modules = append(p.modules, m)
	}
	return p
}

// fapiWarnings are why the suite warns.
func fapiWarnings() map[string]string {
	return map[string]string{
		"test-claims-parameter-identity-claims": "claims that are not known of a person are left out, and a local account has no `given_name`, say; the suite wants every claim that discovery lists",
	}
}

// fapiModule is one of that plan.
type fapiModule struct {
	// name is the Foundation's, without what all begin with.
	name string
	// only tells whether the plan has the module for such clients. Nil: for all.
	only func(*client) bool
	run  func(*run)
}

func dpop(c *client) bool       { return c.bound == byKey }
func assertions(c *client) bool { return c.proves == byKey }
func openID(c *client) bool     { return !c.plain }

// fapiModules are in the Foundation's order.
func fapiModules() []fapiModule {
	return slices.Concat(fapiFlows(), fapiRequests(), fapiTokens(), fapiPushed())
}

// fapiFlows are what well behaved clients do.
func fapiFlows() []fapiModule {
	return []fapiModule{
		{"discovery-end-point-verification", nil, securedDiscovery},
		{"happy-flow", nil, happyFlow},
		{"user-rejects-authentication", nil, personRefuses},
		{"ensure-authorization-request-without-state-success", nil, withoutState},
		{"ensure-authorization-request-without-nonce-success", openID, securedWith("", "nonce", "")},
		{"ensure-authorization-request-with-64-char-nonce-success", openID, securedWith("", "nonce", long(64))},
		{"ensure-other-scope-order-succeeds", openID, securedWith("", "scope", "email profile openid")},
		{"test-claims-parameter-identity-claims", openID, claimsByName},
		{"access-token-type-header-case-sensitivity", nil, schemeCase},
		{"check-dpop-proof-nbf-exp", dpop, securedProof("proofs with `nbf` and `exp` are accepted at every endpoint", proofDates)},
		{"ensure-dpopproof-with-iat-10seconds-before-succeeds", dpop, securedProof("proofs that are ten seconds old are accepted at every endpoint", issued(-10))},
		{"ensure-dpopproof-with-iat-10seconds-after-succeeds", dpop, securedProof("proofs from ten seconds ahead are accepted at every endpoint", issued(10))},
		{"ensure-mismatched-dpop-jkt-fails", dpop, wrongJKT},
		{"ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt", dpop, otherProof},
		{"ensure-token-endpoint-fails-with-mismatched-dpop-jkt", dpop, otherJKT},
		{"ensure-dpopproof-at-par-endpoint-binding-success", dpop, securedProof("a code bound by the proof at the PAR endpoint is good with the same key", unchanged)},
		{"ensure-dpop-auth-code-binding-success", dpop, rightJKT},
	}
}

// fapiRequests are requests that are unusual or wrong.
func fapiRequests() []fapiModule {
	return []fapiModule{
		{"ensure-different-nonce-inside-and-outside-request-object", openID, outside("nonce")},
		{"ensure-different-state-inside-and-outside-request-object", nil, outside("state")},
		{"ensure-authorization-request-with-long-nonce", openID, longNonce},
		{"ensure-authorization-request-with-long-state", nil, securedWith("a `state` of 1000 characters comes back", "state", long(1000))},
		{"state-only-outside-request-object-not-used", nil, stateOutside},
		{"ensure-request-object-without-redirect-uri-fails", nil, unpushable("a request without `redirect_uri`", "redirect_uri", "")},
		{"plain-fapi-tolerate-unregistered-redirect-uri", nil, unregistered},
		{"ensure-unsigned-authorization-request-without-using-par-fails", nil, withoutPushing},
		{"ensure-redirect-uri-in-authorization-request", nil, unpushable("a request without `redirect_uri`", "redirect_uri", "")},
		{"ensure-response-type-code-idtoken-fails", nil, unpushable("`response_type=code id_token`", "response_type", "code id_token")},
		{"ensure-response-type-token-fails", nil, unpushable("`response_type=token`", "response_type", "token")},
	}
}

// fapiTokens are wrong things at the token endpoint and with tokens.
func fapiTokens() []fapiModule {
	return []fapiModule{
		{"ensure-client-id-in-token-endpoint", nil, otherClientID},
		{"ensure-holder-of-key-required", nil, holderOfKey},
		{"ensure-authorization-code-is-bound-to-client", nil, otherClientsCode},
		{"attempt-reuse-authorization-code-after-one-second", nil, securedReuse},
		{"ensure-token-endpoint-fails-with-expired-auth-code", nil, expiredCode},
		{"ensure-signed-client-assertion-with-RS256-fails", assertions, badAssertion("a client assertion signed with RS256", ways{assertion: with("alg", "RS256")})},
		{"ensure-client-assertion-in-token-endpoint", assertions, badAssertion("a code without a client assertion", ways{silent: true})},
		{"ensure-client-assertion-with-exp-is-5-minutes-in-past-fails", assertions, badAssertion("a client assertion that expired five minutes ago", ways{assertion: expired})},
		{"ensure-client-assertion-with-wrong-aud-fails", assertions, badAssertion("a client assertion for another server", ways{assertion: with("aud", "https://other.example.com")})},
		{"ensure-client-assertion-with-no-sub-fails", assertions, badAssertion("a client assertion without `sub`", ways{assertion: without("sub")})},
		{"dpop-negative-tests", dpop, wrongProofs},
		{"refresh-token", nil, securedRefresh},
	}
}

// fapiPushed are about pushed requests.
func fapiPushed() []fapiModule {
	return []fapiModule{
		{"par-ensure-reused-request-uri-prior-to-auth-completion-succeeds", nil, broughtTwice},
		{"par-attempt-reuse-request_uri", nil, answeredTwice},
		{"par-attempt-to-use-expired-request_uri", nil, expiredRequest},
		{"par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted", assertions, slightlyAhead},
		{"par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails", assertions, pushedAssertion("a client assertion that is valid in 65 seconds", func(*provider) change { return ahead(65) })},
		{"par-attempt-to-use-request_uri-for-different-client", nil, otherClientsRequest},
		{"par-authorization-request-containing-request_uri-form-param", nil, unpushable("a pushed request with `request_uri` in it", "request_uri", "urn:ietf:params:oauth:request_uri:x")},
		{"par-attempt-invalid-http-method", nil, pushedByPut},
		{"par-ensure-pkce-required", nil, unpushable("a request without PKCE", "code_challenge", "", "code_challenge_method", "")},
		{"ensure-pkce-code-verifier-required", nil, wrongVerifier("no `code_verifier`", "")},
		{"incorrect-pkce-code-verifier-rejected", nil, wrongVerifier("another `code_verifier`", long(43))},
		{"par-plain-pkce-rejected", nil, unpushable("`code_challenge_method=plain`", "code_challenge_method", "plain")},
		{"par-without-duplicate-parameters", nil, securedWith("`client_id` and `request_uri` are enough at the authorization endpoint")},
		{"par-test-array-as-audience-fails", assertions, pushedAssertion("a client assertion whose `aud` is a list with the issuer in it", func(op *provider) change {
			return with("aud", []string{op.issuer, "https://other.example.com"})
		})},
		{"par-test-par-endpoint-url-as-audience-fails", assertions, pushedAssertion("a client assertion for the address of the PAR endpoint", audience(parEndpoint))},
		{"par-test-token-endpoint-url-as-audience-fails", assertions, pushedAssertion("a client assertion for the address of the token endpoint", audience("token_endpoint"))},
	}
}
