// Package archtest holds the architecture by a test: which package may import
// which, and what no source file may do. It has no code of its own.
//
// A new package must be entered in the table with what it may know; a new
// arrow is a decision, to be made there and not in passing.
package archtest
