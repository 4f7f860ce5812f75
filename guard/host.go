package guard

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// Hosts are the origins of one guarded site.
type Hosts struct {
	origins []string
	byHost  map[string]string
}

// NewHosts takes origins as internal/origin writes them.
func NewHosts(origins []string) *Hosts {
	h := &Hosts{origins: origins, byHost: make(map[string]string, len(origins))}
	for _, org := range origins {
		if host := origin.Host(org); h.byHost[host] == "" {
			h.byHost[host] = org
		}
	}
	return h
}

var (
	errTarget = fault.New(fault.Invalid, "guard.Origin", "The request names its host in an odd way.")
	errHost   = fault.New(fault.Invalid, "guard.Origin", "This host is not served here.")
)

// Origin gives the configured origin that a request is for, or
// [fault.Invalid]. Nothing of the request goes into the result (FWD-02). It
// refuses targets in absolute form, which let the Host and the target differ,
// a second Host beside the one that net/http took, and every host that is not
// one of ours (PTH-07, PRX-14).
func (h *Hosts) Origin(r *http.Request) (string, error) {
	if r.URL.Host != "" || r.URL.Scheme != "" || r.URL.User != nil {
		return "", errTarget
	}
	if lines, ok := r.Header["Host"]; ok && (len(lines) != 1 || !equalASCII(lines[0], r.Host)) {
		return "", errTarget
	}
	if org, ok := h.byHost[r.Host]; ok {
		return org, nil
	}
	for _, org := range h.origins {
		if origin.MatchHost(org, r.Host) {
			return org, nil
		}
	}
	return "", errHost
}
