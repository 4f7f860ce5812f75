package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// MarshalJSON describes the client to a program: the settings by the names of
// RFC 7591, without those that have their default.
func (e Entry) MarshalJSON() ([]byte, error) {
	var problem string
	if e.Problem != nil {
		problem = e.Problem.Error()
	}
	out := struct {
		ID      string       `json:"client_id"`
		Source  Source       `json:"source"`
		Created time.Time    `json:"created,omitzero"`
		Changed time.Time    `json:"changed,omitzero"`
		Secrets []SecretInfo `json:"secrets,omitempty"`
		Problem string       `json:"problem,omitempty"`
		*settings
	}{ID: e.ID, Source: e.Source, Created: e.Created, Changed: e.Changed, Secrets: e.Secrets, Problem: problem}
	if e.Client != nil {
		s, err := form(e.Client)
		if err != nil {
			return nil, err
		}
		out.settings = s
	}
	return json.Marshal(out)
}

// Settings are what differs from the defaults, for a person: a name by RFC 7591
// and a value each, in a fixed order.
func (e Entry) Settings() ([][]string, error) {
	if e.Client == nil {
		return nil, nil
	}
	s, err := form(e.Client)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var list [][]string
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		list = append(list, []string{fmt.Sprint(name), plainly(value)})
	}
	return list, nil
}

// plainly writes texts and lists of texts without the marks of JSON.
func plainly(value json.RawMessage) string {
	var one string
	if json.Unmarshal(value, &one) == nil {
		return one
	}
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return strings.Join(list, " ")
	}
	return string(value)
}
