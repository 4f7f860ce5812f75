// Package subject is what clients call people.
//
// It owns the pairwise subjects of OpenID Connect Core, section 8.1: made of the
// sector of a client, the account's own subject and a secret of the
// installation. It does not own which client has them (package client), nor the
// subject itself, which is the account's.
//
// A pairwise subject can't be turned back into the account's. What a client
// brings back is compared with what it would be called; only in tokens that come
// back to us, the account's stands beside it, sealed.
package subject

import (
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// Names gives people the names that clients know them by. A nil Names has none
// but the account's own. It is safe for concurrent use.
type Names struct {
	sum seal.Sum
	box *seal.Box
}

// New makes the names of an installation: the same in all of its processes, as
// long as the master key is the same.
func New(master *seal.Master) *Names {
	return &Names{sum: master.Sum("pairwise subject"), box: master.Box("subject in token")}
}

// For is what c calls the person. Where it can't be told it is empty, never the
// account's own.
func (n *Names) For(c *client.Client, sub identity.Subject) string {
	switch {
	case !c.Pairwise():
		return string(sub)
	case n == nil || c.Sector() == "" || sub == "":
		return ""
	}
	return n.sum(c.Sector(), string(sub))
}

// Seal hides the account's subject in a token of c with an id. It is empty if
// the token says it anyway.
func (n *Names) Seal(c *client.Client, sub identity.Subject, id string) string {
	if n == nil || !c.Pairwise() {
		return ""
	}
	return n.box.Seal([]byte(sub), id)
}

// Open reads what Seal wrote into the token with that id. fault.Invalid: it was
// not written for it.
func (n *Names) Open(sealed, id string) (identity.Subject, error) {
	const op = "subject.Open"
	if n == nil {
		return "", fault.New(fault.Invalid, op, "")
	}
	plain, err := n.box.Open(sealed, id)
	return identity.Subject(plain), fault.Wrap(fault.Invalid, op, err)
}
