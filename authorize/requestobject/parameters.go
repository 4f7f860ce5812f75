package requestobject

import (
	"encoding/json"
	"errors"
	"net/url"
)

var errShape = errors.New("a parameter is of another type than expected")

// parameters turns claims into what would have stood in a query: texts as they
// are, "numerical values ... as JSON numbers" (RFC 9101, section 4), as in
// max_age, by their digits. claims is JSON there too, and resource may be a list
// of texts. One of another shape is an error: to leave it out would be to answer
// another request than was signed.
func (r Reader) parameters(claims map[string]json.RawMessage) (url.Values, error) {
	out := url.Values{}
	for _, name := range r.Parameters {
		raw, ok := claims[name]
		if !ok {
			continue
		}
		values, err := texts(name, raw)
		if err != nil {
			return nil, err
		}
		out[name] = values
	}
	return out, nil
}

// texts gives the values of one claim.
func texts(name string, raw json.RawMessage) ([]string, error) {
	var text string
	var list []string
	switch first := raw[0]; { // never empty: it was read as JSON
	case first == '"' && json.Unmarshal(raw, &text) == nil:
		return []string{text}, nil
	case first >= '0' && first <= '9' || first == '-' || name == "claims" && first == '{':
		return []string{string(raw)}, nil
	case name == "resource" && first == '[' && json.Unmarshal(raw, &list) == nil:
		return list, nil
	}
	return nil, errShape
}
