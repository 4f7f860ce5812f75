package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/oauth2"

	gooidc "github.com/coreos/go-oidc/v3/oidc"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// What a person reads. The provider's own words are not shown: anybody can
// write them into a link.
const (
	sayRefused     = "The login was refused or given up at the provider."
	sayInvalid     = "The provider's answer could not be used."
	sayUnavailable = "The provider can't be reached at the moment."
)

// maxToken bounds an ID token and an access token in bytes (FED-12).
const maxToken = 64 << 10

var errorCode = regexp.MustCompile(`^[a-z_]{1,64}$`) // RFC 6749, section 4.1.2.1, as seen in the wild

// Finish reads the provider's answer in r, the request to the callback. The
// caller has checked the state, and calls Finish at most once for it. Errors:
// fault.Denied if the provider or the person refused, fault.Invalid if the
// answer can't be believed, fault.Unavailable if the provider can't be asked.
func (p *Provider) Finish(ctx context.Context, callback string, memoBytes []byte, r *http.Request) (identity.External, error) {
	var nobody identity.External
	var keep memo
	if json.Unmarshal(memoBytes, &keep) != nil || keep.Issuer != p.config.Issuer || keep.Nonce == "" || keep.Verifier == "" {
		return nobody, invalid("memo", errors.New("not of this provider"))
	}
	m, err := p.found.current(ctx)
	if err != nil {
		return nobody, err
	}
	code, err := p.readAnswer(r.URL.Query(), m)
	if err != nil {
		return nobody, err
	}
	token, err := p.exchange(ctx, m, callback, code, keep)
	if err != nil {
		return nobody, err
	}
	proof, err := p.checkIDToken(ctx, m, token, keep)
	if err != nil {
		return nobody, err
	}
	profile := proof.claims
	if m.UserInfo != "" {
		if profile, err = p.withUserInfo(ctx, m, token.AccessToken, proof); err != nil {
			return nobody, err
		}
	}
	return p.external(proof, profile)
}

// readAnswer gives the code of an authorization response. The issuer is
// looked at first, since an error from another provider means nothing either
// (RFC 9207, section 2.4).
func (p *Provider) readAnswer(q url.Values, m *metadata) (string, error) {
	for _, name := range []string{"code", "iss", "error", "state"} {
		if len(q[name]) > 1 {
			return "", invalid("answer", fmt.Errorf("%s given more than once", name))
		}
	}
	if iss := q.Get("iss"); iss != p.config.Issuer && (m.IssParameter || q.Has("iss")) {
		return "", invalid("answer", errors.New("iss is missing or another provider's")) // FED-04
	}
	if q.Has("error") {
		if q.Has("code") {
			return "", invalid("answer", errors.New("both code and error"))
		}
		return "", refusal(q.Get("error"))
	}
	code := q.Get("code")
	if code == "" || len(code) > maxToken {
		return "", invalid("answer", errors.New("no code"))
	}
	return code, nil
}

// refusal gives an error code its kind.
func refusal(code string) error {
	if !errorCode.MatchString(code) {
		code = "an odd error code"
	}
	kind, say := fault.Denied, sayRefused
	switch code {
	case "server_error", "temporarily_unavailable":
		kind, say = fault.Unavailable, sayUnavailable
	case "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope":
		kind, say = fault.Invalid, sayInvalid // a mistake in the registration, not the person's
	}
	return &fault.Error{Kind: kind, Op: "oidc.Finish", Public: say, Err: errors.New("the provider answered " + code)}
}

// exchange sends the code, once (FED-07).
func (p *Provider) exchange(ctx context.Context, m *metadata, callback, code string, keep memo) (*oauth2.Token, error) {
	ctx = gooidc.ClientContext(ctx, p.found.client)
	token, err := p.client(m, callback).Exchange(ctx, code, oauth2.VerifierOption(keep.Verifier))
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		// Its text holds the whole answer, which may hold anything.
		err = fmt.Errorf("the token endpoint answered %d", refused.Response.StatusCode)
		if errorCode.MatchString(refused.ErrorCode) {
			err = fmt.Errorf("%w %s", err, refused.ErrorCode)
		}
		if refused.ErrorCode == "invalid_grant" {
			return nil, invalid("token", err)
		}
		return nil, unavailable("token", err)
	}
	if err != nil {
		return nil, unavailable("token", err)
	}
	if !strings.EqualFold(token.Type(), "Bearer") || len(token.AccessToken) > maxToken {
		return nil, invalid("token", errors.New("the access token is too long or of an unknown type"))
	}
	return token, nil
}

// withUserInfo adds the claims of the user information endpoint to those of
// the ID token, which win. Without it nobody gets in: a missing group must not
// make a rule that denies it fail (FED-13).
func (p *Provider) withUserInfo(ctx context.Context, m *metadata, access string, proof proof) (claims, error) {
	var info claims
	if err := fetchJSON(ctx, p.found.client, m.UserInfo, access, &info); err != nil {
		return nil, unavailable("userinfo", err)
	}
	sub, err := info.text("sub", maxSubject)
	if err != nil || !secret.Equal(sub, proof.subject) {
		// Core, section 5.3.4: it could be about somebody else.
		return nil, invalid("userinfo", errors.New("sub differs from the ID token's"))
	}
	for name, raw := range proof.claims {
		info[name] = raw
	}
	return info, nil
}

func invalid(op string, err error) error {
	return &fault.Error{Kind: fault.Invalid, Op: "oidc.Finish " + op, Public: sayInvalid, Err: err}
}

func unavailable(op string, err error) error {
	return &fault.Error{Kind: fault.Unavailable, Op: "oidc.Finish " + op, Public: sayUnavailable, Err: err}
}
