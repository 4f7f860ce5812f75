package registry

import (
	"encoding/json"
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
