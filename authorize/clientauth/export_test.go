package clientauth

import "github.com/gatehouse-auth/gatehouse/authorize/client"

// Addresses says how many addresses are remembered.
func Addresses(k *Keys) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.known)
}

// Use changes the network.
func (k *Keys) Use(h HTTP) { k.http = func(*client.Client) HTTP { return h } }
