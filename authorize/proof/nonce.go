package proof

import (
	"encoding/binary"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// nonceLife is how long a nonce may be used. Every answer brings a new one, so
// only a client that was idle has to ask again.
const nonceLife = 5 * time.Minute

// nonceSkew is what the clocks of two of our processes may differ by.
const nonceSkew = 5 * time.Second

// Nonces makes nonces that are their own record: the sealed instant of their
// making. Nothing is stored, and every process with the same key knows them.
type Nonces struct {
	box *seal.Box
	now func() time.Time
}

// NewNonces makes Nonces with a box that is for nothing else.
func NewNonces(box *seal.Box, now func() time.Time) *Nonces { return &Nonces{box: box, now: now} }

// New makes a nonce.
func (n *Nonces) New() string {
	return n.box.Seal(binary.BigEndian.AppendUint64(nil, uint64(n.now().UnixMilli())))
}

// valid tells whether one of us made nonce, a short while ago.
func (n *Nonces) valid(nonce string) bool {
	raw, err := n.box.Open(nonce)
	if err != nil || len(raw) != 8 {
		return false
	}
	made, now := time.UnixMilli(int64(binary.BigEndian.Uint64(raw))), n.now()
	return now.Before(made.Add(nonceLife)) && !made.After(now.Add(nonceSkew))
}
