// Package conformance runs the modules of the OpenID Foundation's test plans
// against a real Caddy over HTTP, check by check and under the Foundation's
// names. What it found stands in docs/conformance.md, which is written from the
// tables here and from the run itself; a document that says something else than
// the run fails.
//
// It owns the tables of modules, the checks and a small client that is written
// from the specifications. It owns no product code, and takes nothing from the
// Foundation's suite but the names: how to run that one says the document.
package conformance
