package store

import "context"

// Topic says what kind of thing a change is about.
type Topic string

// The topics. Each Key is named in the comment.
const (
	TopicSession Topic = "session" // a session ended or changed; sid
	TopicSubject Topic = "subject" // an account changed or ended; subject
	TopicKeys    Topic = "keys"    // signing keys changed; empty
	TopicClient  Topic = "client"  // a registered client was made, changed or deleted; client_id
)

// Change tells other processes what to forget.
type Change struct {
	Topic Topic
	Key   string
}

// Watcher is the change feed of a store.
type Watcher interface {
	// Watch calls f with changes published after it was called, by any
	// process and in order, at most 1 s after their commit, until ctx is done
	// (then it returns ctx's error). While the feed works but is quiet, f is
	// called with no changes at least once a second, so that a listener that
	// hears nothing for 5 s knows that the feed is broken. Watch survives
	// failures of the store by trying again; after a gap in which changes may
	// have been missed it calls f with the single Change{} (zero), which
	// means: forget everything. f must return quickly.
	Watch(ctx context.Context, f func([]Change)) error
}
