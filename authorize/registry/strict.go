package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// errForm is one text for everything: what was read may hold a hash.
var errForm = errors.New("its settings can't be read by this program")

// strict decodes one JSON value into v: without members that v does not have,
// and none twice, of which the last would win silently.
func strict(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(v) != nil {
		return errForm
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errForm
	}
	if doubled(json.NewDecoder(bytes.NewReader(raw))) {
		return errForm
	}
	return nil
}

// doubled tells whether a member occurs twice in an object, or has a name that
// is not written as we write it, in the value that d reads next.
func doubled(d *json.Decoder) bool {
	t, err := d.Token()
	if err != nil {
		return true
	}
	open, ok := t.(json.Delim)
	if !ok {
		return false
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			key, ok := name.(string)
			if err != nil || !ok || seen[key] || !lower(key) {
				return true
			}
			seen[key] = true
		}
		if doubled(d) {
			return true
		}
	}
	_, err = d.Token()
	return err != nil
}

// lower tells whether a name has the form that all of ours have. encoding/json
// takes other spellings for the same name.
func lower(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return true
}
