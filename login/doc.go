// Package login is where people prove who they are: the login page, the round
// trip to an external provider, the first account, and logging out, here or at
// the provider.
//
// It owns the order of these steps, the forms' protection against other sites,
// where a browser is sent afterwards, and the sealed cookie that holds a round
// trip. It does not own passwords, accounts, counting of guesses, sessions,
// the pages' looks or the protocol of a provider or client: it reaches them
// through the interfaces in config.go.
//
// Before somebody has proved who they are, nothing is stored (SES-20).
package login
