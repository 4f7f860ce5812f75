package token

import (
	"context"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// Prove gives the key that a request at the endpoint below this path shows, for
// what it asks for or what it brings. Its errors are for [Service.Tell].
func (s *Service) Prove(w http.ResponseWriter, r *http.Request, c *client.Client, path, accessToken string) (Proof, error) {
	if s.Proofs == nil {
		return Proof{}, nil
	}
	return s.Proofs.Prove(w, r, c, At{URL: s.address(r, path), AccessToken: accessToken})
}

// address is where the endpoint below path stands for the sender of r. The Host
// of a request only chooses between two addresses that are configured, and does
// so in each of its spellings, such as with the port that is meant anyway
// (FWD-02; RFC 3986, section 6.2.3).
func (s *Service) address(r *http.Request, path string) string {
	scheme, rest, _ := strings.Cut(s.CertificateBase, "://")
	if host, _, _ := strings.Cut(rest, "/"); host != "" && origin.MatchHost(scheme+"://"+host, r.Host) {
		return s.CertificateBase + path
	}
	return s.Issuer + path
}

// Use uses the proof up: once everything else is known to be right, so that
// strangers can't fill the store (DOS-05). Its errors are for [Service.Tell].
func (p Proof) Use(ctx context.Context) error {
	if p.Spend == nil {
		return nil
	}
	return p.Spend(ctx)
}

// demanded refuses a client that must show a key and did not: "the authorization
// server MUST reject token requests from the client that do not contain the DPoP
// header" (RFC 9449, section 5.2; likewise RFC 8705, section 3.4).
func demanded(c *client.Client, shown grant.Binding) *refusal {
	switch {
	case c.DPoPBoundTokens && shown.JKT == "":
		return refuse("invalid_dpop_proof", "this client must send a DPoP proof")
	case c.CertificateBoundTokens && shown.X5TS256 == "":
		return refuse("invalid_request", "this client must show its certificate")
	}
	return nil
}
