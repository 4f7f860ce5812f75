package conformance_test

// fapi is the FAPI 2.0 Security Profile, final, for plain FAPI with OpenID
// Connect. Modules that need request objects or belong to a national profile
// are not in it.
func fapi() plan {
	one, two := strict()
	lacks := missing("pushed authorization requests, without which no module of this plan begins, have only just come; the checks are not written", "fapi_checks")
	p := plan{
		title: "FAPI 2.0 Security Profile Final",
		names: []string{"fapi2-security-profile-final-test-plan"},
		about: "For `fapi_profile=plain_fapi`, `openid=openid_connect`, `fapi_request_method=unsigned`, `fapi_response_mode=plain_response`; tokens bound by DPoP to clients with\n" +
			"`private_key_jwt`, and by certificate to clients with `mtls`.",
		variants: []variant{{"private_key_jwt + DPoP", one, two, true, ""}, {"MTLS + MTLS", one, two, true, ""}},
	}
	for _, name := range fapiNames() {
		p.modules = append(p.modules, module{"fapi2-security-profile-final-" + name, lacks, nil, nil})
	}
	return p
}

// fapiNames are the names without what all begin with, in the Foundation's
// order.
func fapiNames() []string {
	return []string{
		"discovery-end-point-verification",
		"happy-flow",
		"user-rejects-authentication",
		"ensure-authorization-request-without-state-success",
		"ensure-authorization-request-without-nonce-success",
		"ensure-authorization-request-with-64-char-nonce-success",
		"ensure-other-scope-order-succeeds",
		"test-claims-parameter-identity-claims",
		"access-token-type-header-case-sensitivity",
		"check-dpop-proof-nbf-exp",
		"ensure-dpopproof-with-iat-10seconds-before-succeeds",
		"ensure-dpopproof-with-iat-10seconds-after-succeeds",
		"ensure-mismatched-dpop-jkt-fails",
		"ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
		"ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
		"ensure-dpopproof-at-par-endpoint-binding-success",
		"ensure-dpop-auth-code-binding-success",
		"ensure-authorization-request-with-long-nonce",
		"ensure-authorization-request-with-long-state",
		"ensure-request-object-without-redirect-uri-fails",
		"plain-fapi-tolerate-unregistered-redirect-uri",
		"ensure-unsigned-authorization-request-without-using-par-fails",
		"ensure-redirect-uri-in-authorization-request",
		"ensure-response-type-code-idtoken-fails",
		"ensure-response-type-token-fails",
		"ensure-client-id-in-token-endpoint",
		"ensure-holder-of-key-required",
		"ensure-authorization-code-is-bound-to-client",
		"attempt-reuse-authorization-code-after-one-second",
		"ensure-token-endpoint-fails-with-expired-auth-code",
		"ensure-signed-client-assertion-with-RS256-fails",
		"ensure-client-assertion-in-token-endpoint",
		"ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
		"ensure-client-assertion-with-wrong-aud-fails",
		"ensure-client-assertion-with-no-sub-fails",
		"dpop-negative-tests",
		"refresh-token",
		"par-ensure-reused-request-uri-prior-to-auth-completion-succeeds",
		"par-attempt-reuse-request_uri",
		"par-attempt-to-use-expired-request_uri",
		"par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted",
		"par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails",
		"par-attempt-to-use-request_uri-for-different-client",
		"par-authorization-request-containing-request_uri-form-param",
		"par-attempt-invalid-http-method",
		"par-ensure-pkce-required",
		"ensure-pkce-code-verifier-required",
		"incorrect-pkce-code-verifier-rejected",
		"par-plain-pkce-rejected",
		"par-without-duplicate-parameters",
	}
}
