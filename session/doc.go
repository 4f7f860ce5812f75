// Package session keeps people signed in: it owns the cookie of every guarded
// host, the records behind it, and the answer to "whose request is this".
//
// One login makes one session, a record under its public id (sid). Each host
// that the person enters gets a handle of its own: the cookie carries 256
// random bits, the store keeps their SHA-256 together with the host's origin,
// and the handle points to the session. A cookie of one host is therefore
// worth nothing at another (SES-06), a leaked store gives no usable cookie
// (SES-18), and a handle without its session is worth nothing, so that ending
// the session is one delete.
//
// A session also counts its ages. A handle names the age in which it was made;
// a new login of the same person starts the next age under the same sid, and
// with that single write every older handle and ticket is dead (SES-07).
//
// [Sessions.Current] is the path that every signed-in request takes. It reads
// a bounded cache of immutable snapshots and does no I/O as long as the change
// feeds of the stores are heard; without them it asks the store each time, and
// a store that does not answer is an error, which callers treat as a refusal.
//
// A session can be found by the login at a provider that it came of, and ends with
// it ([Manager.EndUpstream]).
//
// A session remembers the clients that were told of it ([Manager.Join]), and
// whoever is to tell them of its end hears of it (Options.Ended), however it
// came about.
//
// It does not own accounts (it asks [Subjects]), rules, redirects or pages, and
// it never decides that a request counts as activity: callers say so with
// [Live.Used].
package session
