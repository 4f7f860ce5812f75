// Package memory keeps everything in the process: for tests and for whoever
// wants sessions to end with the process.
//
// It owns [Shorts], which are Go maps. Records are SQL, so that its records are
// those of package sqlite without a file. Nothing here can be shared with
// another process.
package memory
