package oidc

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// external turns what was proved into what the provider asserts. profile holds
// the claims about the person; the proof alone says who and how.
func (p *Provider) external(proof proof, profile claims) (identity.External, error) {
	var wrong []error
	text := func(c claims, name string) string {
		s, err := c.text(name, maxText)
		wrong = append(wrong, err)
		return s
	}
	list := func(c claims, name string) []string {
		l, err := c.list(name)
		wrong = append(wrong, err)
		return l
	}
	from := p.config.ClaimMap
	e := identity.External{
		Provider: p.config.Name,
		Subject:  proof.subject,
		AuthTime: proof.authTime,
		Name:     text(profile, from[wordName]),
		Groups:   p.mapGroups(list(profile, from[wordGroups])),
	}
	e.Session, _ = proof.claims.text("sid", maxSubject) // an odd one costs the logout, not the login
	email := text(profile, from[wordEmail])
	e.Username = p.username(text(profile, from[wordUsername]), email, proof.subject)
	if email, err := identity.ValidEmail(email); err == nil {
		e.Email = email
		// Only the boolean counts: "true" in quotes is what a sloppy provider
		// writes, and a sloppy provider is not to be believed. It is about the
		// claim email: an address from elsewhere may be anybody's (FED-06).
		e.EmailVerified = p.config.TrustEmail && from[wordEmail] == "email" && string(profile["email_verified"]) == "true"
	}
	further, err := p.further(profile)
	e.Claims, wrong = further, append(wrong, err)
	if p.config.TrustAMR {
		e.ACR, e.AMR = text(proof.claims, "acr"), list(proof.claims, "amr")
	}
	if err := errors.Join(wrong...); err != nil {
		return identity.External{}, invalid("claims", err)
	}
	return e, nil
}

// further reads the claims beyond those that every account has.
func (p *Provider) further(profile claims) (map[string]string, error) {
	var out map[string]string
	var wrong []error
	for word, claim := range p.config.ClaimMap {
		switch word {
		case wordUsername, wordName, wordEmail, wordGroups:
			continue
		}
		value, err := profile.scalar(claim)
		wrong = append(wrong, err)
		if value == "" {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[word] = value
	}
	return out, errors.Join(wrong...)
}

// username is the first candidate that can be a user name, in its canonical
// form. If none can, one is made of the provider and the subject: the person
// is known by these two anyway (FED-06), and gets in.
func (p *Provider) username(candidates ...string) string {
	for _, candidate := range candidates {
		if name, err := identity.Canonical(candidate); err == nil {
			return name
		}
	}
	sum := sha256.Sum256([]byte(candidates[len(candidates)-1]))
	return p.config.Name + "-" + hex.EncodeToString(sum[:6])
}

// mapGroups gives groups their local names, sorted, each once (AUZ-02). A
// group without a mapping whose name no rule could hold is left out.
func (p *Provider) mapGroups(groups []string) []string {
	var out []string
	for _, group := range groups {
		local, ok := p.config.GroupMap[group]
		if !ok {
			local = p.config.Name + "/" + group
		}
		if identity.ValidGroup(local) == nil {
			out = append(out, local)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
