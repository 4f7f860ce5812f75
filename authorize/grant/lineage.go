package grant

// Lineage tells how an access token came of another one by token exchange (RFC
// 8693). The zero value: it did not.
type Lineage struct {
	// Tokens are the IDs of those that it descends from, the nearest first. It
	// dies with any of them.
	Tokens []string `json:"exchanged_from,omitempty"`
	// GrantedTo is the client that the first of them was issued to. Empty: it is
	// this token's too.
	GrantedTo string `json:"granted_to,omitempty"`
	// Actors are the clients that act for one another after that one, the
	// present first (section 4.1).
	Actors []string `json:"actors,omitempty"`
}

// Clients are all clients through whose hands the token went, its own first.
func (a Access) Clients() []string {
	list := []string{a.Client}
	if a.GrantedTo == "" {
		return list
	}
	for _, actor := range a.Actors {
		if actor != a.Client {
			list = append(list, actor)
		}
	}
	return append(list, a.GrantedTo)
}
