package caddymodule

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// The rules for a client's fields are those of package client: each is tried
// in a client that is right in everything else.

func publicClient(set func(*client.Client)) error {
	c := &client.Client{ID: "x", Public: true, RedirectURIs: []string{"https://x.test/"}}
	set(c)
	return c.Validate()
}

func tlsClient(set func(*client.Client)) error {
	c := &client.Client{ID: "x", TokenEndpointAuthMethod: client.AuthTLS, RedirectURIs: []string{"https://x.test/"}}
	set(c)
	return c.Validate()
}

func isClientID(s string) error {
	return publicClient(func(c *client.Client) { c.ID = s })
}

func isHTTPS(s string) error {
	return publicClient(func(c *client.Client) { c.LogoURI = s })
}

func isRedirectURI(s string) error {
	return publicClient(func(c *client.Client) { c.RedirectURIs = []string{s} })
}

func isPostLogoutRedirectURI(s string) error {
	return publicClient(func(c *client.Client) { c.PostLogoutRedirectURIs = []string{s} })
}

func isBackchannelLogoutURI(s string) error {
	return publicClient(func(c *client.Client) { c.BackchannelLogoutURI = s })
}

// isFrontchannelLogoutURI leaves the redirect address whose origin it must have
// to the look at the whole block.
func isFrontchannelLogoutURI(s string) error {
	return publicClient(func(c *client.Client) {
		if root := client.Origin(s) + "/"; isRedirectURI(root) == nil {
			c.RedirectURIs = []string{root}
		}
		c.FrontchannelLogoutURI = s
	})
}

func isJWKSURI(s string) error {
	return publicClient(func(c *client.Client) { c.JWKSURI = s })
}

func isSector(s string) error {
	return publicClient(func(c *client.Client) { c.SubjectType, c.SectorIdentifier = client.SubjectPairwise, s })
}

func isScope(s string) error {
	return publicClient(func(c *client.Client) { c.Scopes = []string{s} })
}

func isResource(s string) error {
	return publicClient(func(c *client.Client) { c.Resources = []string{s} })
}

func isAudience(s string) error {
	return tlsClient(func(c *client.Client) { c.TLSSANDNS, c.Audiences = "x.test", []string{s} })
}

func isTLSSubjectDN(s string) error {
	return tlsClient(func(c *client.Client) { c.TLSSubjectDN = s })
}

func isTLSSANDNS(s string) error {
	return tlsClient(func(c *client.Client) { c.TLSSANDNS = s })
}

func isTLSSANURI(s string) error {
	return tlsClient(func(c *client.Client) { c.TLSSANURI = s })
}

func isTLSSANIP(s string) error {
	return tlsClient(func(c *client.Client) { c.TLSSANIP = s })
}

func isTLSSANEmail(s string) error {
	return tlsClient(func(c *client.Client) { c.TLSSANEmail = s })
}

// isClientAuthMethod knows every method but none, which is said by `public`.
func isClientAuthMethod(s string) error {
	if s == string(client.AuthNone) {
		return errors.New("a client that proves nothing is said by: public")
	}
	var known []string
	for _, method := range client.AuthMethods() {
		if method != client.AuthNone {
			known = append(known, string(method))
		}
	}
	return oneOf(known...)(s)
}

// isClientSecret holds OAU-11 and CFG-01. It never repeats the value.
func isClientSecret(s string) error {
	if isExample(s) {
		return errors.New("a secret that everybody knows")
	}
	_, err := client.NewSecret(s)
	return err
}

// isKeyFile accepts a placeholder of a file. It does not repeat the value:
// somebody may have pasted a key.
func isKeyFile(s string) error {
	name, err := secretPlaceholder(s)
	if path, ok := strings.CutPrefix(name, "file."); err != nil || !ok || path == "" {
		return errors.New("public keys are read from a file of their own: jwks {file./path}")
	}
	return nil
}

// oneOf accepts the values of a fixed set.
func oneOf(known ...string) check {
	return func(s string) error {
		if slices.Contains(known, s) {
			return nil
		}
		return fmt.Errorf("'%s' is not known%s", s, didYouMean(s, known))
	}
}
