package claims

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// Bounds of the parameter. Its members stand three deep; what is in an unknown
// member is nobody's business, but must not cost more.
const (
	maxLength = 8192
	maxDepth  = 8
	maxValues = 50
)

// errForm is the one answer to everything that can't be read.
var errForm = errors.New("claims can't be read")

// Request is the parameter claims (OpenID Connect Core, section 5.5).
type Request struct {
	// UserInfo and IDToken are what shall come by the one way or the other.
	UserInfo, IDToken Wishes
}

// Wishes are claims by name.
type Wishes map[string]Wish

// Wish is what is said about one claim (section 5.5.1). The zero value is a
// voluntary claim with any value.
type Wish struct {
	// Essential says that the client can't do well without.
	Essential bool
	// Limited says that only Values will do; else there are none.
	Limited bool
	// Values are those of the wished values that are texts. No claim for which
	// they are looked at, sub and acr, is anything else.
	Values []string
}

// Names lists the claims, sorted.
func (w Wishes) Names() []string { return slices.Sorted(maps.Keys(w)) }

// Parse reads the parameter. Members that are not known are ignored (section
// 5.5), but nothing may stand there twice: who reads it after us might take the
// other one.
func Parse(text string) (Request, error) {
	if len(text) > maxLength || !utf8.ValidString(text) || !once(json.NewDecoder(bytes.NewReader([]byte(text))), maxDepth) {
		return Request{}, errForm
	}
	top, err := object([]byte(text))
	if err != nil {
		return Request{}, err
	}
	var q Request
	if q.UserInfo, err = wishes(top["userinfo"]); err != nil {
		return Request{}, err
	}
	q.IDToken, err = wishes(top["id_token"])
	return q, err
}

// object reads an object, with names as they are written: a struct would take
// other spellings, too.
func object(raw []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return nil, errForm
	}
	return members, nil
}

// absent tells whether a member says nothing.
func absent(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }

func wishes(raw json.RawMessage) (Wishes, error) {
	if absent(raw) {
		return nil, nil
	}
	members, err := object(raw)
	if err != nil {
		return nil, err
	}
	list := Wishes{}
	for name, raw := range members {
		if list[name], err = wish(raw); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// wish reads what is said about one claim: null, or an object.
func wish(raw json.RawMessage) (w Wish, err error) {
	if absent(raw) {
		return w, nil
	}
	members, err := object(raw)
	if err != nil {
		return w, err
	}
	if essential := members["essential"]; !absent(essential) && json.Unmarshal(essential, &w.Essential) != nil {
		return w, errForm
	}
	value, values := members["value"], members["values"]
	var all []json.RawMessage
	switch {
	case !absent(value) && !absent(values):
		return w, errForm // nothing says which of them counts
	case !absent(value):
		all = []json.RawMessage{value}
	case !absent(values):
		if json.Unmarshal(values, &all) != nil || len(all) == 0 || len(all) > maxValues {
			return w, errForm
		}
	}
	w.Limited = len(all) > 0
	for _, raw := range all {
		var text string
		if !absent(raw) && json.Unmarshal(raw, &text) == nil {
			w.Values = append(w.Values, text)
		}
	}
	return w, nil
}

// once tells whether d holds one value, at most depth deep, in which no member
// occurs twice.
func once(d *json.Decoder, depth int) bool {
	d.UseNumber() // a number may be of any size: it is not looked at
	if !value(d, depth) {
		return false
	}
	_, err := d.Token()
	return errors.Is(err, io.EOF)
}

func value(d *json.Decoder, depth int) bool {
	t, err := d.Token()
	if err != nil {
		return false
	}
	open, ok := t.(json.Delim)
	if !ok {
		return true
	}
	if depth == 0 {
		return false
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			t, err := d.Token()
			name, ok := t.(string)
			if err != nil || !ok || seen[name] {
				return false
			}
			seen[name] = true
		}
		if !value(d, depth-1) {
			return false
		}
	}
	_, err = d.Token()
	return err == nil
}
