package oidc

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits on claims (FED-12).
const (
	maxSubject = 255 // Core, section 2
	maxText    = 1024
	maxName    = 256 // of a group or a claim
	maxGroups  = 2000
)

// claims are named values whose types nobody has looked at yet.
type claims map[string]json.RawMessage

// text gives a string claim, "" if it is absent or null. Other types, control
// characters and more than limit bytes are errors.
func (c claims) text(name string, limit int) (string, error) {
	raw := c.at(name)
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var s string
	if json.Unmarshal(raw, &s) != nil || s != "" && !plainText(s, limit) || !utf8.ValidString(s) {
		return "", errors.New(name + " is not a plain string, or too long")
	}
	return s, nil
}

// when gives a NumericDate (RFC 7519, section 2), zero if it is absent.
func (c claims) when(name string) (time.Time, error) {
	raw := c[name]
	if len(raw) == 0 {
		return time.Time{}, nil
	}
	var n *float64
	if json.Unmarshal(raw, &n) != nil || n == nil || *n <= 0 || *n > 1<<40 {
		return time.Time{}, errors.New(name + " is not a time")
	}
	return time.Unix(int64(math.Floor(*n)), 0), nil
}

// list gives a string or a list of strings.
func (c claims) list(name string) ([]string, error) {
	raw := c.at(name)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		if one == "" {
			return nil, nil
		}
		return []string{one}, checkList(name, []string{one})
	}
	var many []*string
	if json.Unmarshal(raw, &many) != nil || slices.Contains(many, nil) {
		return nil, errors.New(name + " is neither a string nor a list of strings")
	}
	out := make([]string, len(many))
	for i, s := range many {
		out[i] = *s
	}
	return out, checkList(name, out)
}

func checkList(name string, list []string) error {
	odd := func(s string) bool { return !plainText(s, maxName) || !utf8.ValidString(s) }
	if len(list) > maxGroups || slices.ContainsFunc(list, odd) {
		return errors.New(name + " has too many or odd values")
	}
	return nil
}

// at follows dots into objects where no claim has the whole name.
func (c claims) at(name string) json.RawMessage {
	if raw, ok := c[name]; ok {
		return raw
	}
	head, rest, more := strings.Cut(name, ".")
	var inner claims
	if !more || json.Unmarshal(c[head], &inner) != nil {
		return nil
	}
	return inner.at(rest)
}

// scalar gives a string, number or boolean as text.
func (c claims) scalar(name string) (string, error) {
	raw := c.at(name)
	if len(raw) > 0 && (raw[0] == '{' || raw[0] == '[') || len(raw) > maxText {
		return "", errors.New(name + " is not a plain value, or too long")
	}
	if len(raw) == 0 || raw[0] == '"' || string(raw) == "null" {
		return claims{name: raw}.text(name, maxText)
	}
	return string(raw), nil
}
