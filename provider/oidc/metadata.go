package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// Methods of client authentication, OpenID Connect Core, section 9.
const (
	basic = "client_secret_basic"
	post  = "client_secret_post"
)

// maxJSON bounds metadata and user information in bytes (FED-12).
const maxJSON = 64 << 10

// asymmetric are the signature algorithms that are accepted at all: none of
// them lets a public key serve as a secret (JWT-02, JWT-03).
var asymmetric = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// metadata is what a provider says about itself (OpenID Connect Discovery,
// section 3), checked.
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	EndSession    string   `json:"end_session_endpoint"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	// IssParameter announces RFC 9207: every answer then names its issuer.
	IssParameter bool `json:"authorization_response_iss_parameter_supported"`

	keys   gooidc.KeySet
	checks *gooidc.Config
}

func fetchMetadata(ctx context.Context, client *http.Client, config Config, now func() time.Time) (*metadata, error) {
	m := new(metadata)
	address := strings.TrimSuffix(config.Issuer, "/") + "/.well-known/openid-configuration"
	if err := fetchJSON(ctx, client, address, "", m); err != nil {
		return nil, err
	}
	if m.Issuer != config.Issuer { // FED-05; Discovery, section 4.3
		return nil, fmt.Errorf("the metadata is for issuer %.200q, configured is %q", m.Issuer, config.Issuer)
	}
	plain := strings.HasPrefix(config.Issuer, "http://")
	for name, address := range map[string]string{"authorization_endpoint": m.Authorization, "token_endpoint": m.Token, "jwks_uri": m.JWKS} {
		if err := egress.CheckURL(address, plain); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, address := range map[string]string{"userinfo_endpoint": m.UserInfo, "end_session_endpoint": m.EndSession} {
		if address == "" {
			continue
		}
		if err := egress.CheckURL(address, plain); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	algorithms := []string{"RS256"} // mandatory for every provider, Core, section 15.1
	if len(m.Algorithms) > 0 {
		algorithms = slices.DeleteFunc(m.Algorithms, func(alg string) bool { return !slices.Contains(asymmetric, alg) })
	}
	if len(algorithms) == 0 {
		return nil, errors.New("the provider signs with no asymmetric algorithm")
	}
	m.keys = keySet(client, m.JWKS, now)
	m.checks = &gooidc.Config{ClientID: config.ClientID, SupportedSigningAlgs: algorithms, Now: func() time.Time { return now().Add(-skew) }}
	return m, nil
}

// authStyle says how the client authenticates. It is fixed before the code is
// sent: trying one way and then the other would send the code twice (FED-07).
func (m *metadata) authStyle(config Config) oauth2.AuthStyle {
	method := config.AuthMethod
	if method == "" && (len(m.AuthMethods) == 0 || slices.Contains(m.AuthMethods, basic)) {
		method = basic
	}
	if method == basic && config.ClientSecret != "" {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

// fetchJSON gets a JSON document of at most maxJSON bytes. What the other side
// wrote does not get into the error: it would end up in the log.
func fetchJSON(ctx context.Context, client *http.Client, address, bearer string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", address, res.StatusCode)
	}
	if kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fmt.Errorf("%s answered with another type than application/json", address)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxJSON+1))
	if err != nil {
		return err
	}
	if len(body) > maxJSON {
		return fmt.Errorf("%s: %w", address, egress.ErrTooLarge)
	}
	if json.Unmarshal(body, into) != nil {
		return fmt.Errorf("%s answered with something else than the JSON expected", address)
	}
	return nil
}
