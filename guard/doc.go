// Package guard decides about one request and prepares it for the application:
// what is taken off it, which path it means, whether it may pass, and which
// headers tell the application who is there.
//
// It is pure: no I/O, no clock, no Caddy. It owns cleaning ([Cleaner]), the
// reading of paths ([ReadPath], [Public]), rules ([Rules]), kinds of request
// ([Redirectable], [Foreign]), the check of the Host ([Hosts]) and the
// identity headers ([Headers]). It does not own sessions, cookies' meaning,
// redirects or answers: its caller looks up the session, hands over facts and
// carries out the verdict. Origins are read by internal/origin.
//
// The order that keeps every promise, for each request, before anything is
// answered:
//
//  1. look up the session (its cookie is still there);
//  2. [Cleaner.Request] and [Cleaner.Cookies], whatever comes later: a request
//     that is refused may still reach an error route that proxies (HDR-02);
//     only then look at the error of the first;
//  3. [Hosts.Origin], then [ReadPath] of the original request target;
//  4. an odd or ambiguous path is refused where it matters, a reserved one is
//     answered by us;
//  5. [Foreign] and [Trusts] if there is a session; [Rules.Decide] at every guard
//     that the request meets, all of which must let it pass;
//  6. only after [Pass] or [PublicPass]: [Headers.Set].
package guard
