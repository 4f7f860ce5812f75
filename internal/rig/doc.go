// Package rig is the test kit for the whole product: a real Caddy in a process
// of its own, an application that says what it received, and a client that
// behaves like a browser.
//
// It owns ports, directories and processes of a test and ends them with it. It
// knows nothing of what is tested; the tests in e2e do.
package rig
