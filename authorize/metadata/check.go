package metadata

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// Lengths of what is for people to read.
const (
	maxName     = 60
	maxText     = 200
	maxContacts = 5
)

// present tells whether a member is there: "omitted or null" is the same (RFC
// 7592, section 2.2).
func present(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}

// refuse: what is understood and not offered.
func (d *Document) refuse(*client.Client, Terms) *Error {
	for _, r := range []struct {
		name string
		raw  json.RawMessage
	}{
		{"sector_identifier_uri", d.SectorIdentifier},
		{"id_token_encrypted_response_alg", d.IDTokenEncryption},
		{"userinfo_encrypted_response_alg", d.UserInfoEncryption},
		{"request_object_encryption_alg", d.RequestEncryption},
		{"client_secret_expires_at", d.SecretExpires}, // RFC 7592, section 2.2
		{"client_id_issued_at", d.Issued},
		{"registration_access_token", d.AccessToken},
		{"registration_client_uri", d.Management},
	} {
		if present(r.raw) {
			return wrong(r.name + " is not taken")
		}
	}
	switch {
	case present(d.SoftwareStatement):
		return &Error{CodeStatement, "software statements are not taken"}
	case d.SubjectType != "" && !slices.Contains(client.SubjectTypes(), d.SubjectType):
		return wrong("subject_type is not one that is offered")
	case d.ApplicationType != "" && d.ApplicationType != "web" && d.ApplicationType != "native":
		return wrong("application_type must be web or native")
	}
	return nil
}

// people is what somebody will read.
func (d *Document) people(c *client.Client, t Terms) *Error {
	if no := d.name(c, t); no != nil {
		return no
	}
	for name, address := range map[string]string{
		"client_uri": d.ClientURI, "logo_uri": d.LogoURI, "policy_uri": d.PolicyURI, "tos_uri": d.TermsURI,
	} {
		if address != "" && (len(address) > maxText || !client.IsHTTPS(address)) {
			return wrong(name + " must be an https address of at most 200 characters")
		}
	}
	if !legible(d.SoftwareID, maxText) || !legible(d.SoftwareVersion, maxText) {
		return wrong("software_id and software_version must be one line of at most 200 characters")
	}
	if len(d.Contacts) > maxContacts || slices.ContainsFunc(d.Contacts, func(s string) bool { _, err := mail.ParseAddress(s); return err != nil || !legible(s, maxText) }) {
		return wrong("contacts must be at most 5 mail addresses")
	}
	return nil
}

// legible tells whether text is nothing, or one line of at most most characters
// that can all be seen.
func legible(text string, most int) bool {
	return text == "" || utf8.RuneCountInString(text) <= most && identity.Legible(text)
}

// fields names what package client finds wrong; its texts repeat what was sent.
func fields(err error) error {
	if err == nil {
		return nil
	}
	var names []string
	if problems, ok := errors.AsType[client.Problems](err); ok {
		for _, word := range problems.Words() {
			if name := member(word); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return wrong("the metadata are not allowed")
	}
	return wrong("not allowed, or not together: " + strings.Join(names, ", "))
}

// member is the metadata that a word of a client block stands for, "" if there is
// none.
func member(word string) string {
	if name, ok := strings.CutPrefix(word, "tls_s"); ok {
		return "tls_client_auth_s" + name
	}
	return map[string]string{
		"name": "client_name", "redirect_uri": "redirect_uris", "post_logout_redirect_uri": "post_logout_redirect_uris",
		"auth_method": "token_endpoint_auth_method", "public": "token_endpoint_auth_method", "assertion_alg": "token_endpoint_auth_signing_alg",
		"jwks": "jwks", "jwks_uri": "jwks_uri", "scopes": "scope", "offline_access": "scope", "grant_types": "grant_types",
		"backchannel_logout_uri": "backchannel_logout_uri", "frontchannel_logout_uri": "frontchannel_logout_uri",
		"require_pushed_requests": "require_pushed_authorization_requests", "require_signed_requests": "require_signed_request_object",
		"request_alg": "request_object_signing_alg", "dpop_bound_tokens": "dpop_bound_access_tokens",
		"certificate_bound_tokens": "tls_client_certificate_bound_access_tokens",
		"id_token_alg":             "id_token_signed_response_alg", "userinfo_alg": "userinfo_signed_response_alg", "subject_type": "subject_type",
	}[word]
}
