package caddymodule_test

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2"
)

// validate is what `caddy validate` does: provision everything, start nothing.
func validate(config []byte) error {
	var cfg caddy.Config
	if err := json.Unmarshal(config, &cfg); err != nil {
		return err
	}
	return caddy.Validate(&cfg)
}
