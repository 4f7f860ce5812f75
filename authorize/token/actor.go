package token

// actor is the claim act: who acts for the subject, and before that client which
// other (RFC 8693, section 4.1). The outermost acts now, the inner ones did.
type actor struct {
	Subject string `json:"sub"`
	Before  *actor `json:"act,omitempty"`
}

// acting writes the actors of [grant.Lineage] as a claim. Nil: nobody acts.
func acting(clients []string) *actor {
	var a *actor
	for i := len(clients) - 1; i >= 0; i-- {
		a = &actor{Subject: clients[i], Before: a}
	}
	return a
}

// chain reads the claim again.
func (a *actor) chain() (clients []string) {
	for ; a != nil; a = a.Before {
		clients = append(clients, a.Subject)
	}
	return clients
}
