package token

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// Check finds everything that is wrong with s, and what its clients would miss.
// Those that may come and go may have whatever a client may have.
func (s *Service) Check() error {
	var problems []error
	wrong := func(text string, args ...any) { problems = append(problems, fmt.Errorf(text, args...)) }
	if s.Clients == nil || s.Sessions == nil || s.Signer == nil || s.Grants == nil || s.Now == nil {
		wrong("clients, sessions, signer, grants and now are required")
	}
	if base := s.CertificateBase; base != "" {
		if same, _, err := origin.Base(base); err != nil || same != base || !strings.HasPrefix(base, "https://") {
			wrong("certificate_base: must be an https address without query, fragment and slash at the end")
		}
	}
	renews := s.Grants != nil && s.Grants.Records != nil
	static, all := s.Clients.(client.Static)
	if !all && (!renews || s.Accounts == nil) {
		wrong("records and accounts are required for clients that may come and go")
	}
	for id, c := range static {
		if c.MayUse(client.GrantRefresh) && !renews || c.OfflineAccess && s.Accounts == nil {
			wrong("client %q: there is nothing to keep refresh tokens in, or no accounts to ask", id)
		}
		if (c.DPoPBoundTokens || c.CertificateBoundTokens) && s.Proofs == nil {
			wrong("client %q: there is nothing that checks the keys that its tokens are bound to", id)
		}
	}
	return errors.Join(problems...)
}
