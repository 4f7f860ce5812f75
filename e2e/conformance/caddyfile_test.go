package conformance_test

import (
	"fmt"
	"strings"
)

// The clients of the Caddyfile. The secrets stand for random ones.
func strict() (*client, *client)  { return named("strict-1"), named("strict-2") }
func lenient() (*client, *client) { return named("lenient-1"), named("lenient-2") }

// Clients that are signed out, each in its way.
func leaving() *client { return named("leaving") }
func told() *client    { return named("told") }
func framed() *client  { return named("framed") }

// signing are those that sign requests too.
func signing() []*client {
	one, _ := strict()
	three, _ := lenient()
	return []*client{one, three}
}

func named(id string) *client {
	return &client{id: id, secret: id + "-0123456789abcdef0123456789abcdef"}
}

// file is the Caddyfile.
func (op *provider) file() string {
	text := fmt.Sprintf(`{
	admin ADMIN
	persist_config off
	auto_https disable_redirects
	skip_install_trust
	local_certs
	gatehouse {
		issuer %s
		users
		allow_private
		check_session cross_site
`, op.issuer)
	add := func(c *client, lines ...string) {
		text += fmt.Sprintf("\t\tclient %s {\n\t\t\tfirst_party\n\t\t\tsecret %s\n\t\t\tredirect_uri %s\n", c.id, c.secret, op.callback)
		for _, line := range lines {
			text += "\t\t\t" + line + "\n"
		}
		text += "\t\t}\n"
	}
	one, two := strict()
	add(one, "offline_access", "jwks {file."+one.id+".jwks}")
	add(two, "offline_access")
	one, two = lenient()
	add(one, "offline_access", "jwks {file."+one.id+".jwks}", "insecure_pkce_optional", "insecure_nonce_optional")
	add(two, "offline_access", "insecure_pkce_optional", "insecure_nonce_optional")
	add(leaving(), "post_logout_redirect_uri "+op.bye)
	add(told(), "post_logout_redirect_uri "+op.bye, "backchannel_logout_uri "+op.app.URL+"/backchannel")
	add(framed(), "post_logout_redirect_uri "+op.bye, "frontchannel_logout_uri "+op.app.URL+"/frontchannel")
	for _, c := range secured() {
		text += op.secured(c)
	}
	return text + fmt.Sprintf(`	}
}
%s {
	tls {
		ciphers TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
		client_auth {
			mode verify_if_given
			trust_pool file ca.pem
		}
	}
	gatehouse_portal
}
%s {
	reverse_proxy %s
}
`, op.issuer, strings.TrimSuffix(op.secure, "/callback"), op.app.Addr())
}
