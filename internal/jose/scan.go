package jose

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a header or claims may be nested.
const maxDepth = 16

var (
	errJSON      = errors.New("malformed JSON")
	errDuplicate = errors.New("a JSON member occurs twice")
)

// scanJSON demands one JSON object in which no member occurs twice: parsers
// differ in which one they take, and an attacker can choose (RFC 7515, section
// 10.12). Names that differ in case only count as equal, because encoding/json
// takes them so.
func scanJSON(raw []byte) error {
	if !utf8.Valid(raw) {
		return errJSON
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	t, err := d.Token()
	if err != nil || t != json.Delim('{') {
		return errJSON
	}
	if err := scanObject(d, 1); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errJSON
	}
	return nil
}

// scanObject reads the rest of an object whose brace has been read.
func scanObject(d *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return errJSON
		}
		if name = fold(name); seen[name] {
			return errDuplicate
		}
		seen[name] = true
		if err := scanValue(d, depth); err != nil {
			return err
		}
	}
	return closing(d)
}

func scanValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return errJSON
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth == maxDepth {
		return errors.New("JSON nested too deep")
	}
	if delim == '{' {
		return scanObject(d, depth+1)
	}
	for d.More() {
		if err := scanValue(d, depth+1); err != nil {
			return err
		}
	}
	return closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return errJSON
	}
	return nil
}

// fold maps names that encoding/json takes for one to one text: upper-casing
// first covers the few letters whose lower case is ASCII (K, ſ).
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }
