// Package sqlite keeps records and short-lived things in SQLite files.
//
// It owns the files, their permissions, transactions, the change feed and the
// removal of what expired. It does not own the tables of records: those belong
// to the packages that list their migrations.
//
// [Records] and [Shorts] are two separate files, so that the constant small
// writes of sessions never make an account wait. Both run in WAL mode with one
// writing connection and a pool of reading ones; several processes may use the
// same files at once.
//
// Durability: a committed change of records survives a loss of power
// (synchronous=FULL). A committed change of short-lived things survives a crash
// of the process, but a loss of power may take the last of them back
// (synchronous=NORMAL); people then sign in again. What the system has not
// written by itself is synchronised when the log is written back, every 16 MB:
// so large is the log beside the file, and a start after a crash reads it (about
// 10 ms).
package sqlite
