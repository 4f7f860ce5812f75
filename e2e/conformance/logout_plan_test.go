package conformance_test

// logout is RP-Initiated Logout.
func logout() plan {
	return plan{
		title: "RP-Initiated Logout OP",
		names: []string{"oidcc-rp-initiated-logout-certification-test-plan"},
		about: "Whether somebody is still signed in is asked with `prompt=none` afterwards. Where the suite wants a screenshot of a page, the page and its status\n" +
			"are looked at.",
		variants: []variant{{"code", leaving(), told(), true, ""}},
		modules: []module{
			{"oidcc-rp-initiated-logout-discovery-endpoint-verification", pass(), nil, logoutDiscovery},
			{"oidcc-rp-initiated-logout", pass(), nil, logoutWhole},
			{"oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", pass(), nil, logoutBadAddress},
			{"oidcc-rp-initiated-logout-modified-id-token-hint", pass(), nil, logoutModifiedHint},
			{"oidcc-rp-initiated-logout-no-id-token-hint", pass(), nil, logoutNoHint},
			{"oidcc-rp-initiated-logout-no-params", pass(), nil, logoutNothing},
			{"oidcc-rp-initiated-logout-no-post-logout-redirect-uri", pass(), nil, logoutNoAddress},
			{"oidcc-rp-initiated-logout-no-state", pass(), nil, logoutNoState},
			{"oidcc-rp-initiated-logout-only-state", pass(), nil, logoutOnlyState},
			{"oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", pass(), nil, logoutQueryAdded},
			{"oidcc-rp-initiated-logout-bad-id-token-hint", pass(), nil, logoutBadHint},
		},
	}
}

// backchannel is Back-Channel Logout.
func backchannel() plan {
	return plan{
		title:    "Back-Channel Logout OP",
		names:    []string{"oidcc-backchannel-rp-initiated-logout-certification-test-plan"},
		variants: []variant{{"code", told(), leaving(), true, ""}},
		modules: []module{
			{"oidcc-backchannel-logout-discovery-endpoint-verification", pass(), nil, channelDiscovery("backchannel")},
			{"oidcc-backchannel-rp-initiated-logout", pass(), nil, backchannelLogout},
		},
	}
}

// frontchannel is Front-Channel Logout.
func frontchannel() plan {
	return plan{
		title:    "Front-Channel Logout OP",
		names:    []string{"oidcc-frontchannel-rp-initiated-logout-certification-test-plan"},
		variants: []variant{{"code", framed(), leaving(), true, ""}},
		modules: []module{
			{"oidcc-frontchannel-logout-discovery-endpoint-verification", pass(), nil, channelDiscovery("frontchannel")},
			{"oidcc-frontchannel-rp-initiated-logout", pass(), nil, frontchannelLogout},
		},
	}
}

// sessionManagement is Session Management.
func sessionManagement() plan {
	return plan{
		title: "Session Management OP",
		names: []string{"oidcc-session-management-certification-test-plan"},
		about: "What the frame's script would say is computed here from the browser's cookie. That it says so in a browser is held by `e2e/parts/session.test.mjs`,\n" +
			"for clients on the login host's site and on others.",
		variants: []variant{{"code", leaving(), told(), true, ""}},
		modules: []module{
			{"oidcc-session-management-discovery-endpoint-verification", pass(), nil, sessionDiscovery},
			{"oidcc-session-management-rp-initiated-logout", pass(), nil, sessionLogout},
		},
	}
}
