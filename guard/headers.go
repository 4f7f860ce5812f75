package guard

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// Header maps a part of the identity to a header of the request that the
// application gets.
type Header struct {
	// Name of the header, such as "X-WEBAUTH-USER".
	Name string
	// Value is text with placeholders {http.auth.user.*}: id (or sub),
	// username, name, email, groups, idp, amr, acr, auth_time (seconds since
	// 1970), sid, and any claim by its name.
	Value string
}

// DefaultHeaders are the headers that every application gets unless the
// configuration says otherwise.
func DefaultHeaders() []Header {
	return []Header{
		{"Remote-User", "{http.auth.user.username}"},
		{"Remote-Name", "{http.auth.user.name}"},
		{"Remote-Email", "{http.auth.user.email}"},
		{"Remote-Groups", "{http.auth.user.groups}"},
		{"Remote-Sub", "{http.auth.user.id}"},
	}
}

// HeaderOptions are choices about all identity headers of a site.
type HeaderOptions struct {
	// Separator joins groups and other lists: one of , ; | and space. Empty
	// means a comma.
	Separator string
	// PercentEncode writes every byte beyond ASCII, and the percent sign, as
	// %XX: for applications that read headers as Latin-1 or refuse what is not
	// ASCII. Otherwise values are UTF-8 as they are.
	PercentEncode bool
	// AllowAuthorization lets a Header be named Authorization; what the
	// client sends there is then deleted.
	AllowAuthorization bool
}

// Headers writes the identity into requests. It is built once and safe for
// concurrent use.
type Headers struct {
	separator string
	percent   bool
	names     []string // canonical
	values    [][]piece
}

// NewHeaders checks a mapping (HDR-14). The errors say what to write instead.
func NewHeaders(list []Header, opts HeaderOptions) (*Headers, error) {
	h := &Headers{separator: opts.Separator, percent: opts.PercentEncode}
	if h.separator == "" {
		h.separator = ","
	}
	if len(h.separator) != 1 || !strings.Contains(",;| ", h.separator) {
		return nil, errors.New("the separator of groups must be one of , ; | or a space")
	}
	for _, header := range list {
		if err := checkName(header.Name, opts.AllowAuthorization); err != nil {
			return nil, err
		}
		for _, other := range h.names {
			if collide(header.Name, other) {
				return nil, fmt.Errorf("header names %q and %q are one to many applications", other, header.Name)
			}
		}
		pieces, err := parseValue(header.Value)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", header.Name, err)
		}
		h.names = append(h.names, http.CanonicalHeaderKey(header.Name))
		h.values = append(h.values, pieces)
	}
	return h, nil
}

// Names gives the names to clean, for [Own]. Clean the default names as well
// where a mapping replaces them: an application may still believe them.
func (h *Headers) Names() []string { return h.names }

// Set writes the identity of s into a request that [Cleaner.Request] cleaned
// and that may pass: one value per header. A header one of whose parts has no
// value is absent, never empty (HDR-13).
func (h *Headers) Set(to http.Header, s *identity.Session) {
	values := make([]string, len(h.names)) // one allocation for all headers
	for i, name := range h.names {
		v := h.text(h.values[i], s)
		if v == "" {
			delete(to, name)
			continue
		}
		values[i] = v
		to[name] = values[i : i+1 : i+1]
	}
}

// text puts the pieces of one value together.
func (h *Headers) text(pieces []piece, s *identity.Session) string {
	if len(pieces) == 1 {
		return h.value(pieces[0], s)
	}
	var b strings.Builder
	for _, p := range pieces {
		v := h.value(p, s)
		if v == "" {
			return ""
		}
		b.WriteString(v)
	}
	return strings.Trim(b.String(), " ")
}
