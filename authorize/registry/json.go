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
		Created time.Time    `json:"created,omitzero"`
		Changed time.Time    `json:"changed,omitzero"`
		Secrets []SecretInfo `json:"secrets"`
		Problem string       `json:"problem,omitempty"`
		*settings
	}{ID: e.ID, Created: e.Created, Changed: e.Changed, Secrets: e.Secrets, Problem: problem}
	if out.Secrets == nil {
		out.Secrets = []SecretInfo{}
	}
	if e.Client != nil {
		s, err := form(e.Client)
		if err != nil {
			return nil, err
		}
		out.settings = s
	}
	return json.Marshal(out)
}
