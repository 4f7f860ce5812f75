package session

// WorkDue looks at what is due, as Run does every few seconds.
var WorkDue = (*Manager).workDue

// NewSID makes the public id of a session.
var NewSID = newSID
