// Package document knows clients whose id is the address of a document about
// them (draft-ietf-oauth-client-id-metadata-document), as agents have them that
// meet this provider for the first time.
//
// It owns fetching the documents, the memory of what was fetched, and how often
// and where may be asked. It does not own what metadata mean (package metadata),
// other clients, nor where requests may go (internal/egress).
//
// Anybody can make us fetch an address by an authorization request. So what is
// fetched is small and from few at a time, a failure is not tried again at once,
// no host is asked often and nobody has much fetched (package ration), and what
// was fetched is used for a while. What people use outlasts what is only asked
// for.
package document
