package conformance_test

// opening is the document up to its tables.
const opening = "# Conformance\n\n" +
	"Written from a run of `go test ./e2e/conformance`, which is part of `make test`; do not edit. The run drives a real Caddy over HTTPS with a client that was\n" +
	"written from the specifications, through the modules of the OpenID Foundation's test plans, under the Foundation's names. It is a run of our own and no\n" +
	"certification; [the Foundation's own suite](#the-foundations-own-suite) can be pointed at the same Caddy.\n\n" +
	"- **passed**: what is listed was checked and holds.\n" +
	"- **warning**: all that is demanded holds, and something that the suite recommends does not, for the reason given.\n" +
	"- **deviation**: on purpose something else than the module is about, for the reason given. What is listed was checked and holds.\n" +
	"- **–**: the plan does not have the module in this variant.\n\n" +
	"*A whole flow* is this: " + wholeFlow + ".\n\n" +
	"*A secured flow* is this: " + securedFlow + ".\n"

// closing is what stands behind the tables.
const closing = `
## Not claimed

- Implicit and hybrid flows, and the plans for them: ` + "`code`" + ` is the only response type (OAuth 2.1; RFC 9700, section 2.1.2).
- Dynamic OP: registration is held to RFC 7591 and RFC 7592 by tests of its own.
- FAPI 2.0 Message Signing: signed requests are taken, signed answers (JARM) are not given.
- Unsigned request objects, ` + "`none`" + ` as an algorithm, and ` + "`request_uri`" + ` by reference: never.

## The Foundation's own suite

It needs Java packages from Maven Central, and MongoDB. Where both can be reached:

1. Build and start it as its README says: ` + "`git clone https://gitlab.com/openid/conformance-suite.git`" + `, ` + "`mvn -B clean package -DskipTests`" + `,
   ` + "`docker compose -f docker-compose-dev.yml up`" + `. It is at ` + "`https://localhost.emobix.co.uk:8443`" + ` then.
2. Start Caddy in [conformance](conformance/), with the [Caddyfile](conformance/Caddyfile) there, on a host that the suite can reach and with its name in
   ` + "`CONFORMANCE_HOST`" + `; make the account that the configurations sign in with: ` + "`caddy gatehouse user add alice --password-stdin`" + `, with the password
   ` + "`correct horse battery`" + `. The secrets and keys in these files are known to everybody: use them nowhere else.
3. Write your host in place of ` + "`auth.example.com`" + ` into the configurations, and have ` + "`scripts/run-test-plan.py`" + ` of the suite run the plans, or make them in its pages
   with the same variants and files. For Basic and Form Post without PKCE exchange ` + "`suite-strict`" + ` for ` + "`suite-lenient`" + ` in [conformance/oidcc.json](conformance/oidcc.json).

` + "```sh" + `
oidcc='[server_metadata=discovery][client_registration=static_client]'
scripts/run-test-plan.py "oidcc-basic-certification-test-plan$oidcc" oidcc.json
scripts/run-test-plan.py "oidcc-formpost-basic-certification-test-plan$oidcc" oidcc.json
scripts/run-test-plan.py oidcc-config-certification-test-plan config.json
logout='[client_registration=static_client][response_type=code]'
scripts/run-test-plan.py "oidcc-rp-initiated-logout-certification-test-plan$logout" oidcc.json
scripts/run-test-plan.py "oidcc-backchannel-rp-initiated-logout-certification-test-plan$logout" oidcc.json
scripts/run-test-plan.py "oidcc-frontchannel-rp-initiated-logout-certification-test-plan$logout" oidcc.json
scripts/run-test-plan.py "oidcc-session-management-certification-test-plan$logout" oidcc.json
fapi='fapi2-security-profile-final-test-plan[fapi_profile=plain_fapi][openid=openid_connect]'
scripts/run-test-plan.py "$fapi[client_auth_type=private_key_jwt][sender_constrain=dpop]" fapi-dpop.json
scripts/run-test-plan.py "$fapi[client_auth_type=mtls][sender_constrain=mtls]" fapi-mtls.json
` + "```" + `

The suite's own browser fills in the login page by the ` + "`browser`" + ` part of the configuration. Modules that want a picture of an error page wait for it to be uploaded.
`
