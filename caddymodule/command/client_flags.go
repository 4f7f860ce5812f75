package command

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// register adds the flags to a command.
func (w *wishes) register(cmd *cobra.Command) {
	w.registerPeople(cmd)
	w.registerProof(cmd)
	w.registerAddresses(cmd)
	w.registerTokens(cmd)
	w.registerRequests(cmd)
}

// registerPeople adds what people see of the client, and who may use it.
func (w *wishes) registerPeople(cmd *cobra.Command) {
	w.text(cmd, "name", "what pages call the application", func(c *client.Client) *string { return &c.Name })
	w.text(cmd, "logo", "the https `address` of a picture", func(c *client.Client) *string { return &c.LogoURI })
	w.yes(cmd, "first-party", "it is your own: people are not asked what it may know", func(c *client.Client) *bool { return &c.FirstParty })
	w.text(cmd, "consent", "when people are asked what it may know: once, always, or never if --first-party", func(c *client.Client) *string { return &c.Consent })
	w.span(cmd, "consent-max-age", "how long their answer is remembered (default 365d)", func(c *client.Client) *time.Duration { return &c.ConsentMaxAge })
	w.providers(cmd, "providers", "the only `provider` through which people may come")
	local := cmd.Flags().Bool("no-local", false, "local accounts may not use it")
	w.add("no-local", func(c *client.Client) []string { return yes(!c.TakesLocal()) }, func(_ *desk, c *client.Client) error {
		if c.Local = nil; *local {
			c.Local = new(false)
		}
		return nil
	})
	w.rules(cmd, "allow", "people who meet this may use it, and then nobody else: a `condition` as in the Caddyfile (group staff), several with ; between them", func(c *client.Client) *[]client.Rule { return &c.Allow })
	w.rules(cmd, "deny", "people who meet this `condition` may not use it", func(c *client.Client) *[]client.Rule { return &c.Deny })
	w.span(cmd, "sso-lifetime", "the age from which on a login made for something else is not good enough", func(c *client.Client) *time.Duration { return &c.UserSSOLifetime })
}

// registerProof adds how the client proves who it is.
func (w *wishes) registerProof(cmd *cobra.Command) {
	w.yes(cmd, "public", "it can't keep a secret: an app on a device or in a browser", func(c *client.Client) *bool { return &c.Public })
	method := cmd.Flags().String("auth-method", "", "how it proves who it is: client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth, self_signed_tls_client_auth (default by secret, in the header or in the body)")
	w.add("auth-method", func(c *client.Client) []string { return single(string(c.TokenEndpointAuthMethod)) }, func(_ *desk, c *client.Client) error {
		c.TokenEndpointAuthMethod = client.AuthMethod(*method)
		return nil
	})
	w.keys(cmd, "jwks", "a `file` with its public keys")
	w.text(cmd, "jwks-uri", "the https `address` of its public keys", func(c *client.Client) *string { return &c.JWKSURI })
	w.text(cmd, "assertion-alg", "the one algorithm of its assertions", func(c *client.Client) *string { return &c.TokenEndpointAuthSigningAlg })
	w.text(cmd, "tls-subject-dn", "the subject of its certificate", func(c *client.Client) *string { return &c.TLSSubjectDN })
	w.text(cmd, "tls-san-dns", "the host `name` in its certificate", func(c *client.Client) *string { return &c.TLSSANDNS })
	w.text(cmd, "tls-san-uri", "the `address` in its certificate", func(c *client.Client) *string { return &c.TLSSANURI })
	w.text(cmd, "tls-san-ip", "the IP `address` in its certificate", func(c *client.Client) *string { return &c.TLSSANIP })
	w.text(cmd, "tls-san-email", "the mail `address` in its certificate", func(c *client.Client) *string { return &c.TLSSANEmail })
	w.yes(cmd, "insecure-pkce-optional", "it may leave PKCE out, and must send a nonce then", func(c *client.Client) *bool { return &c.InsecurePKCEOptional })
	w.yes(cmd, "insecure-nonce-optional", "it may leave that nonce out, too", func(c *client.Client) *bool { return &c.InsecureNonceOptional })
}

// registerAddresses adds where the client is.
func (w *wishes) registerAddresses(cmd *cobra.Command) {
	w.texts(cmd, "redirect-uri", "an `address` to which answers may go", func(c *client.Client) *[]string { return &c.RedirectURIs })
	w.words(cmd, "response-modes", "a `mode` in which answers go there: query, fragment or form_post (default all)", func(c *client.Client) *[]string { return &c.ResponseModes })
	w.texts(cmd, "post-logout-redirect-uri", "an `address` to which people may go after signing out", func(c *client.Client) *[]string { return &c.PostLogoutRedirectURIs })
	w.text(cmd, "backchannel-logout-uri", "the `address` that is told when a session ends", func(c *client.Client) *string { return &c.BackchannelLogoutURI })
	w.text(cmd, "frontchannel-logout-uri", "the `address` that is shown in a hidden frame at logout", func(c *client.Client) *string { return &c.FrontchannelLogoutURI })
	w.texts(cmd, "allowed-origin", "an `origin` whose scripts may read answers", func(c *client.Client) *[]string { return &c.AllowedOrigins })
}

// registerTokens adds what the client gets.
func (w *wishes) registerTokens(cmd *cobra.Command) {
	w.words(cmd, "scopes", "a `scope` that it may ask for (default openid,profile,email,groups)", func(c *client.Client) *[]string { return &c.Scopes })
	w.words(cmd, "grant-types", "a `grant` type it may use (default authorization_code)", func(c *client.Client) *[]string { return &c.GrantTypes })
	w.yes(cmd, "offline-access", "its refresh tokens may outlive the session", func(c *client.Client) *bool { return &c.OfflineAccess })
	w.yes(cmd, "extends-session", "use of its tokens keeps the person signed in", func(c *client.Client) *bool { return &c.ExtendsSession })
	w.text(cmd, "access-token", "the form of its access tokens: opaque or jwt", func(c *client.Client) *string { return &c.AccessToken })
	w.span(cmd, "access-token-lifetime", "how long they live (default 5m)", func(c *client.Client) *time.Duration { return &c.AccessTokenLife })
	w.span(cmd, "refresh-idle", "refresh tokens end when not used for so long (default 15d)", func(c *client.Client) *time.Duration { return &c.RefreshIdle })
	w.span(cmd, "refresh-max-age", "refresh tokens end so long after they were allowed (default 30d)", func(c *client.Client) *time.Duration { return &c.RefreshMaxAge })
	w.texts(cmd, "resource", "the `address` of a resource server it may ask tokens for", func(c *client.Client) *[]string { return &c.Resources })
	w.texts(cmd, "audience", "the `address` of a resource server that it is itself", func(c *client.Client) *[]string { return &c.Audiences })
	w.text(cmd, "userinfo-alg", "signs answers of userinfo (default plain JSON)", func(c *client.Client) *string { return &c.UserInfoAlg })
	w.text(cmd, "id-token-alg", "signs its ID tokens (default RS256)", func(c *client.Client) *string { return &c.IDTokenAlg })
	w.text(cmd, "subject-type", "how it sees who somebody is: public, or pairwise by subjects of its own", func(c *client.Client) *string { return &c.SubjectType })
	w.text(cmd, "sector-identifier", "the `host` that stands for the clients with the same pairwise subjects", func(c *client.Client) *string { return &c.SectorIdentifier })
	w.claims(cmd, "claim", "a `claim` of its own, written: <name> [<attribute>], or <name> value <text>")
	w.texts(cmd, "access-token-claims", "a `claim` that stands in its access tokens too, if they are JWTs", func(c *client.Client) *[]string { return &c.AccessTokenClaims })
	w.yes(cmd, "id-token-claims", "puts claims into the ID token, too", func(c *client.Client) *bool { return &c.IDTokenClaims })
}

// registerRequests adds how the client has to ask, and what its tokens are bound
// to.
func (w *wishes) registerRequests(cmd *cobra.Command) {
	w.text(cmd, "profile", "fapi2: holds it to the FAPI 2.0 Security Profile", func(c *client.Client) *string { return &c.Profile })
	w.yes(cmd, "require-pushed-requests", "it must push its requests first (RFC 9126)", func(c *client.Client) *bool { return &c.RequirePushedRequests })
	w.yes(cmd, "require-signed-requests", "it must sign its requests (RFC 9101)", func(c *client.Client) *bool { return &c.RequireSignedRequests })
	w.text(cmd, "request-alg", "the one algorithm of its signed requests", func(c *client.Client) *string { return &c.RequestObjectAlg })
	w.yes(cmd, "dpop-bound-tokens", "its tokens are bound to a key that it proves (RFC 9449)", func(c *client.Client) *bool { return &c.DPoPBoundTokens })
	w.yes(cmd, "certificate-bound-tokens", "its tokens are bound to its certificate (RFC 8705)", func(c *client.Client) *bool { return &c.CertificateBoundTokens })
}
