package oidc

import "context"

// Discover fetches the metadata now, unless they are known, and says what is
// wrong: fault.Unavailable with the reason for an operator.
func (p *Provider) Discover(ctx context.Context) error {
	_, err := p.found.current(ctx)
	return err
}
