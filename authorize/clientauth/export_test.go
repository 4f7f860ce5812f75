package clientauth

import "github.com/gatehouse-auth/gatehouse/authorize/client"

// Addresses says how many addresses are remembered, of strangers and of others.
func Addresses(k *Keys) (strange, known int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.registered) + len(k.documented), len(k.known)
}

// Use changes the network.
func (k *Keys) Use(h HTTP) { k.HTTP = func(*client.Client) HTTP { return h } }
