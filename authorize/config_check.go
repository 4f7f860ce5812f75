package authorize

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// check finds everything that is wrong with cfg.
func (cfg *Config) check() error {
	var problems []error
	if !isBase(cfg.Issuer) {
		problems = append(problems, errors.New("issuer: must be an address without query, fragment and slash at the end"))
	}
	if cfg.CertificateBase != "" && (!isBase(cfg.CertificateBase) || !strings.HasPrefix(cfg.CertificateBase, "https://")) {
		problems = append(problems, errors.New("certificate_base: must be an https address without query, fragment and slash at the end"))
	}
	if cfg.Sessions == nil || cfg.Signer == nil || cfg.Jar == nil || cfg.Grants == nil || cfg.Pushed == nil || cfg.Box == nil {
		problems = append(problems, errors.New("sessions, signer, jar, grants, pushed and box are required"))
	}
	if cfg.RequirePushedRequests && slices.Contains(cfg.Disabled, "par") {
		problems = append(problems, errors.New("require_pushed_requests: nothing can be pushed while par is switched off"))
	}
	for _, name := range cfg.Disabled {
		if !slices.Contains(Switchable(), name) {
			problems = append(problems, fmt.Errorf("disabled: there is no endpoint %q, or it can't be switched off", name))
		}
	}
	return errors.Join(append(problems, cfg.checkClients()...)...)
}

// isBase tells whether endpoints can be below an address.
func isBase(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		!strings.ContainsAny(address, "?#") && !strings.HasSuffix(address, "/")
}

// checkClients finds what is wrong with the clients, and what they would miss.
func (cfg *Config) checkClients() (problems []error) {
	static, all := cfg.Clients.(client.Static)
	if !all && cfg.Clients != nil && (!cfg.renews() || cfg.Accounts == nil || cfg.Consents == nil) {
		problems = append(problems, errors.New("records, accounts and consents are required for clients that may come and go"))
	}
	for id, c := range static {
		if err := c.Validate(); err != nil {
			problems = append(problems, fmt.Errorf("client %q: %w", id, err))
		}
		if c.ID != id {
			problems = append(problems, fmt.Errorf("client %q: is kept under another id", id))
		}
		if c.RequirePushedRequests && slices.Contains(cfg.Disabled, "par") {
			problems = append(problems, fmt.Errorf("client %q: nothing can be pushed while par is switched off", id))
		}
		if cfg.RequireSignedRequests && !c.Signs() && c.MayUse(client.GrantCode) {
			problems = append(problems, fmt.Errorf("client %q: all requests must be signed, and it has no keys", id))
		}
		if c.ConsentMode() != client.ConsentNever && c.MayUse(client.GrantCode) && cfg.Consents == nil {
			problems = append(problems, fmt.Errorf("client %q: is not first_party, and there is nothing to keep consents in", id))
		}
		if c.Restricted() && cfg.Gate == nil {
			problems = append(problems, fmt.Errorf("client %q: there is nothing that judges its rules", id))
		}
		if c.Pairwise() && cfg.Subjects == nil {
			problems = append(problems, fmt.Errorf("client %q: there is nothing that makes pairwise subjects", id))
		}
		if c.MayUse(client.GrantRefresh) && !cfg.renews() || c.OfflineAccess && cfg.Accounts == nil {
			problems = append(problems, fmt.Errorf("client %q: there is nothing to keep refresh tokens in, or no accounts to ask", id))
		}
		if (c.DPoPBoundTokens || c.CertificateBoundTokens) && cfg.Proofs == nil {
			problems = append(problems, fmt.Errorf("client %q: there is nothing that checks the keys that its tokens are bound to", id))
		}
	}
	return problems
}

// renews tells whether refresh tokens can be kept.
func (cfg *Config) renews() bool { return cfg.Grants != nil && cfg.Grants.Records != nil }
