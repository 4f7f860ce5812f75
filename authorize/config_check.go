package authorize

import (
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// check finds everything that is wrong with cfg.
func (cfg *Config) check() error {
	var problems []error
	if base, _, err := origin.Base(cfg.Issuer); err != nil || base != cfg.Issuer {
		problems = append(problems, errors.New("issuer: must be an address without query, fragment and slash at the end"))
	}
	if cfg.Sessions == nil || cfg.Keys == nil || cfg.Jar == nil || cfg.Grants == nil || cfg.Pushed == nil || cfg.Box == nil {
		problems = append(problems, errors.New("sessions, keys, jar, grants, pushed and box are required"))
	}
	return errors.Join(append(problems, cfg.checkClients()...)...)
}

// checkClients finds what is wrong with the clients, and what they would miss.
func (cfg *Config) checkClients() (problems []error) {
	static, all := cfg.Clients.(client.Static)
	if !all && cfg.Clients != nil && cfg.Consents == nil {
		problems = append(problems, errors.New("consents are required for clients that may come and go"))
	}
	for id, c := range static {
		if err := c.Validate(); err != nil {
			problems = append(problems, fmt.Errorf("client %q: %w", id, err))
		}
		if c.ID != id {
			problems = append(problems, fmt.Errorf("client %q: is kept under another id", id))
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
	}
	return problems
}
