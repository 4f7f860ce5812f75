package token

import "github.com/gatehouse-auth/gatehouse/identity"

// Shared gives the claims about a person that scopes let a client read now, for
// the page that asks whether it may.
func Shared(session *identity.Session, scopes []string) map[string]any {
	return personal(session, scopes)
}
