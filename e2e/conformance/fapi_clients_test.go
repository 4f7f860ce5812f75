package conformance_test

import "fmt"

// apiScope is what clients ask for that don't speak OpenID Connect.
const apiScope = "accounts.read"

// pair gives two clients that prove themselves and their tokens alike, by keys
// and certificates of their own.
func pair(prefix string, proves, bound means, plain bool) (*client, *client) {
	return &client{id: prefix + "-1", proves: proves, bound: bound, plain: plain}, &client{id: prefix + "-2", proves: proves, bound: bound, plain: plain}
}

// securedVariants are the ways to run the plan of FAPI 2.0.
func securedVariants() []variant {
	var list []variant
	add := func(name, prefix string, proves, bound means, plain bool) {
		one, two := pair(prefix, proves, bound, plain)
		list = append(list, variant{name, one, two, true, ""})
	}
	add("private_key_jwt + DPoP", "key-dpop", byKey, byKey, false)
	add("MTLS + MTLS", "mtls-mtls", byCertificate, byCertificate, false)
	add("MTLS + DPoP", "mtls-dpop", byCertificate, byKey, false)
	add("private_key_jwt + MTLS, plain OAuth", "key-mtls", byKey, byCertificate, true)
	return list
}

// secured lists the clients of FAPI 2.0, the first of each pair before the
// second.
func secured() []*client {
	var list []*client
	for _, v := range securedVariants() {
		list = append(list, v.first, v.second)
	}
	return list
}

// secured is the block of such a client: "profile fapi2" sets what it has to.
func (op *provider) secured(c *client) string {
	text := fmt.Sprintf("\t\tclient %s {\n\t\t\tfirst_party\n\t\t\tprofile fapi2\n\t\t\toffline_access\n\t\t\tredirect_uri %s\n", c.id, op.callbackOf(c))
	if c.proves == byKey {
		text += fmt.Sprintf("\t\t\tjwks {file.%s.jwks}\n", c.id)
	} else {
		text += fmt.Sprintf("\t\t\ttls_subject_dn \"CN=%s\"\n", c.id)
	}
	switch {
	case c.bound == byCertificate && c.proves == byKey:
		text += "\t\t\tcertificate_bound_tokens\n"
	case c.bound == byKey && c.proves == byCertificate:
		text += "\t\t\tdpop_bound_tokens\n"
	}
	if c.plain {
		text += "\t\t\tscopes " + apiScope + "\n"
	}
	return text + "\t\t}\n"
}

// callbackOf is where answers for a client go: over https in FAPI 2.0, and for
// the second client to an address with parameters, which are kept.
func (op *provider) callbackOf(c *client) string {
	switch {
	case c.proves == "":
		return op.callback
	case c.id[len(c.id)-1] == '2':
		return op.secure + "?dummy1=lorem&dummy2=ipsum"
	}
	return op.secure
}
