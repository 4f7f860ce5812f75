// Package registry knows the clients: those of the configuration, and those
// kept in the database, which come and go while the program runs.
//
// It owns the rows of the latter, the form in which their settings are kept,
// their secrets' making and end, and the bounded memory of what was read, which
// a change anywhere empties within a second. It does not own what a client may
// be (package client), how one proves itself (package clientauth), nor what was
// granted to it (package grant).
//
// A client of the configuration comes first and never changes; one in the
// database by the same id is not seen. Whatever can't be told is an error, and
// then nothing may be granted.
package registry
