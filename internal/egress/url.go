package egress

import (
	"errors"
	"net/url"
	"strings"
)

// maxURL bounds an announced address.
const maxURL = 2048

// parse reads an absolute address without the parts that have no business in
// one of ours: user information, a fragment, an opaque form, odd characters.
func parse(raw string) (*url.URL, error) {
	odd := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }
	if len(raw) > maxURL || strings.ContainsFunc(raw, odd) {
		return nil, errors.New("not an address: too long, or with odd characters")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("not an address")
	}
	if u.Hostname() == "" || u.Opaque != "" || u.User != nil || strings.Contains(raw, "#") {
		return nil, errors.New("not an absolute address without user and fragment")
	}
	return u, nil
}
