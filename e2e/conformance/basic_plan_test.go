package conformance_test

// basic is Basic OP and Form Post OP, whose modules are the same.
func basic() plan {
	one, two := strict()
	three, four := lenient()
	return plan{
		title: "Basic OP, Form Post OP",
		names: []string{"oidcc-basic-certification-test-plan", "oidcc-formpost-basic-certification-test-plan"},
		about: "Each module runs four times: answers by query and by form_post, each for a client that must use PKCE (S256) and for one that says\n" +
			"`insecure_pkce_optional` and `insecure_nonce_optional` and sends no challenge.",
		variants: []variant{
			{"query, S256", one, two, true, ""},
			{"query, no PKCE", three, four, false, ""},
			{"form_post, S256", one, two, true, "form_post"},
			{"form_post, no PKCE", three, four, false, "form_post"},
		},
		modules: basicModules(),
	}
}

// basicModules are in the Foundation's order.
func basicModules() []module {
	return []module{
		{"oidcc-server", pass(), nil, server},
		{"oidcc-response-type-missing", pass(), nil, responseTypeMissing},
		{"oidcc-idtoken-signature", pass(), nil, idTokenSignature},
		{"oidcc-idtoken-unsigned", differ("ID tokens are never unsigned, which discovery says; the suite skips the module"), nil, idTokenUnsigned},
		{"oidcc-userinfo-get", pass(), nil, userinfoGet},
		{"oidcc-userinfo-post-header", pass(), nil, userinfoPostHeader},
		{"oidcc-userinfo-post-body", warn("tokens belong in the Authorization header alone (RFC 9700, section 4.3.2); the suite warns"), nil, userinfoPostBody},
		{"oidcc-ensure-request-without-nonce-succeeds-for-code-flow", pass(), nil, withoutNonce},
		{
			"oidcc-scope-profile",
			warn("claims that are not known of a person are left out (OpenID Connect Core, section 5.3.2), and a local account has no `given_name`, say; the suite wants every claim of the scope"), nil, scopeProfile,
		},
		{"oidcc-scope-email", pass(), nil, scopeEmail},
		{"oidcc-scope-address", differ("accounts have no postal address; discovery does not list the scope, and the suite skips the module"), nil, scopeUnknown("address")},
		{"oidcc-scope-phone", differ("accounts have no telephone number; discovery does not list the scope, and the suite skips the module"), nil, scopeUnknown("phone")},
		{"oidcc-scope-all", differ("without `address` and `phone`, for which the suite skips the module; all others were asked for at once"), nil, scopeAll},
		{"oidcc-ensure-other-scope-order-succeeds", pass(), nil, scopeOrder},
		{"oidcc-display-page", pass(), nil, display("page")},
		{"oidcc-display-popup", pass(), nil, display("popup")},
		{"oidcc-prompt-login", pass(), nil, promptLogin},
		{"oidcc-prompt-none-not-logged-in", pass(), nil, promptNoneNobody},
		{"oidcc-prompt-none-logged-in", pass(), nil, promptNone},
		{"oidcc-max-age-1", pass(), nil, maxAge1},
		{"oidcc-max-age-10000", pass(), nil, maxAge10000},
		{"oidcc-ensure-request-with-unknown-parameter-succeeds", pass(), nil, unknownParameter},
		{"oidcc-id-token-hint", pass(), nil, idTokenHint},
		{"oidcc-login-hint", pass(), nil, loginHint},
		{"oidcc-ui-locales", pass(), nil, uiLocales},
		{"oidcc-claims-locales", pass(), nil, claimsLocales},
		{
			"oidcc-ensure-request-with-acr-values-succeeds",
			warn("discovery lists no `acr_values_supported`, so the suite asks for `1 2`, which no login reaches; it recommends to answer with one of them nevertheless"), nil, acrValues,
		},
		{"oidcc-codereuse", pass(), nil, codeReuse},
		{"oidcc-codereuse-30seconds", pass(), nil, codeReuseLater},
		{"oidcc-ensure-registered-redirect-uri", pass(), nil, registeredRedirect},
		{"oidcc-ensure-post-request-succeeds", pass(), nil, postRequest},
		{"oidcc-server-client-secret-post", pass(), nil, secretPost},
		{
			"oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
			differ("nothing is ever fetched from an address in a request, and discovery says `request_uri_parameter_supported: false`; the suite skips the module"), nil, requestURI,
		},
		{
			"oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
			differ("an unsigned request object could come from anybody and is never taken; discovery does not list `none`, and the suite skips the module"), nil, unsignedObject,
		},
		{"oidcc-claims-essential", pass(), nil, claimsEssential},
		{
			"oidcc-ensure-request-object-with-redirect-uri",
			differ("its request object is unsigned, so the suite skips the module; the same was checked with one that is signed"), nil, signedRedirect,
		},
		{"oidcc-refresh-token", pass(), nil, refreshToken},
		{"oidcc-ensure-request-with-valid-pkce-succeeds", pass(), nil, validPKCE},
	}
}
