// Package identity holds the words every other package shares about people:
// who somebody is ([User]), one authentication that took place ([Login]), what
// an external provider asserted ([External]) and a login that is still in
// force ([Session]).
//
// It owns the canonical form of a user name, and which characters of a name
// people can see. It has no behaviour beyond validity, does no I/O and imports
// nothing of this module, so that every other package may import it.
package identity
