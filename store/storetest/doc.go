// Package storetest holds one conformance suite for each contract of package
// store. A back end is right if it passes; what a suite does not demand, a
// caller must not rely on.
//
// It owns no back end. It uses the real clock only where a contract speaks of
// real time: in the change feed.
package storetest
