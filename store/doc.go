// Package store is a leaf: the two contracts that every kind of storage
// fulfils, and nothing that fulfils them.
//
// [Records] are rows in a SQL database: accounts, keys, whatever must not be
// lost. Each owner keeps its own tables and statements (account SQL lives in
// package account); a store only runs them in transactions and migrates them.
//
// [Shorts] are short-lived things with an expiry: sessions, tickets, marks,
// counters. They need a few atomic verbs and no SQL, so that Redis can hold
// them as well.
//
// A store must be safe for concurrent use, must not share memory with its
// caller in either direction, and must take the time from its Now function.
// Package storetest holds one conformance suite per contract; a back end is
// right if it passes. A store that can't be reached answers
// [fault.Unavailable]: callers treat that as a refusal.
package store
