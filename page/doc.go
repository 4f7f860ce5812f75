// Package page shows people what the other packages decided: one typed view
// per page, templates and languages embedded, rendered to a buffer and then
// written together with every header that protects it.
//
// It owns how pages look, what they say in which language, the names of form
// fields, and the headers of an HTML answer. It does not own what is shown to
// whom: it reads no cookie, checks no return address and knows no store. Who
// calls it hands over addresses that were checked already.
//
// No page needs script, and none has anything inline, so the policy they are
// sent with allows neither.
package page
