// Command caddy is Caddy with Gatehouse: what xcaddy would write.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/gatehouse-auth/gatehouse"
)

func main() { caddycmd.Main() }
