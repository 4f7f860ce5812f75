package metadata

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// maxDepth bounds how deep metadata are nested. A key set takes four levels.
const maxDepth = 8

// Read reads metadata, which the caller has bounded in length: one JSON object,
// no member twice (RFC 8259, section 4, leaves open which of them counts), and
// of every member that is known the type that it must have. Only the exact
// names count. The error is an *[Error].
func Read(raw []byte) (*Document, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := scan(d, 0); err != nil {
		return nil, wrong("not one JSON object without doubled members")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, wrong("not one JSON object")
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return nil, wrong("not a JSON object")
	}
	for name := range members {
		if !ours(name) { // encoding/json would take other spellings for the same name
			delete(members, name)
		}
	}
	exact, err := json.Marshal(members)
	if err != nil {
		return nil, wrong("not a JSON object")
	}
	doc := new(Document)
	if json.Unmarshal(exact, doc) != nil {
		return nil, wrong("a value has the wrong type")
	}
	return doc, nil
}

// ours tells whether a name has the form that all known ones have.
func ours(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return true
}

var errForm = errors.New("doubled or nested too deep")

// scan reads one value and refuses doubled members.
func scan(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := t.(json.Delim)
	if !nested {
		return nil
	}
	if depth == maxDepth {
		return errForm
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			key, ok := name.(string)
			if err != nil || !ok || seen[key] {
				return errForm
			}
			seen[key] = true
		}
		if err := scan(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
