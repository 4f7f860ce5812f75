package caddymodule

import (
	"encoding/json"
	"slices"
	"strings"
)

// upstreams lists the addresses that the configuration proxies to, for doctor.
func upstreams(config json.RawMessage) []string {
	var found []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if dial, ok := v["dial"].(string); ok && !slices.Contains(found, dial) {
				found = append(found, dial)
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	var tree any
	if json.Unmarshal(config, &tree) == nil {
		walk(tree)
	}
	slices.Sort(found)
	return found
}

// adminOnTCP tells whether Caddy's admin endpoint can be reached by whatever
// runs on the machine, the protected applications included (PRX-06).
func adminOnTCP(admin json.RawMessage) bool {
	var settings struct {
		Disabled bool   `json:"disabled"`
		Listen   string `json:"listen"`
	}
	if len(admin) > 0 && json.Unmarshal(admin, &settings) != nil {
		return true
	}
	return !settings.Disabled && !strings.HasPrefix(settings.Listen, "unix")
}
