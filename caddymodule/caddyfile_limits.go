package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// parseSession reads
//
//	session {
//		idle_timeout <duration>
//		max_age      <duration>
//		remember     <duration>|off
//	}
func (a *App) parseSession(d *caddyfile.Dispenser) error {
	a.Session = new(Session)
	return parseLimits(d, "session", func(p *problems) { a.Session.check(p) }, grammar{
		"idle_timeout": duration(&a.Session.IdleTimeout),
		"max_age":      duration(&a.Session.MaxAge),
		"remember":     durationOrOff(&a.Session.Remember),
	})
}

// parseThrottle reads
//
//	throttle {
//		attempts         <number>
//		window           <duration>
//		lock             <duration>
//		account_attempts <number>
//		address_attempts <number>
//	}
func (a *App) parseThrottle(d *caddyfile.Dispenser) error {
	a.Throttle = new(Throttle)
	return parseLimits(d, "throttle", func(p *problems) { a.Throttle.check(p) }, grammar{
		"attempts":         number(&a.Throttle.Attempts),
		"window":           duration(&a.Throttle.Window),
		"lock":             duration(&a.Throttle.Lock),
		"account_attempts": number(&a.Throttle.AccountAttempts),
		"address_attempts": number(&a.Throttle.AddressAttempts),
	})
}

// parsePassword reads
//
//	password {
//		memory      <amount, such as 19MiB>
//		iterations  <number>
//		parallelism <number>
//		min_length  <number>
//	}
func (a *App) parsePassword(d *caddyfile.Dispenser) error {
	a.Password = new(Password)
	return parseLimits(d, "password", func(p *problems) { a.Password.check(p) }, grammar{
		"memory":      kibibytes(&a.Password.Memory),
		"iterations":  number(&a.Password.Iterations),
		"parallelism": number(&a.Password.Parallelism),
		"min_length":  number(&a.Password.MinLength),
	})
}

// parseKeys reads
//
//	keys {
//		algorithms <algorithm>…
//		announce   <duration>
//		use        <duration>
//		keep       <duration>
//	}
func (a *App) parseKeys(d *caddyfile.Dispenser) error {
	a.Keys = new(Keys)
	return parseLimits(d, "keys", func(p *problems) { a.Keys.check(p) }, grammar{
		"algorithms": textsOnce(&a.Keys.Algorithms, oneOf(client.Algs()...)),
		"announce":   duration(&a.Keys.Announce),
		"use":        duration(&a.Keys.Use),
		"keep":       duration(&a.Keys.Keep),
	})
}

// parseLimits reads a block of numbers and checks it as a whole, at its last
// line.
func parseLimits(d *caddyfile.Dispenser, name string, check func(*problems), g grammar) error {
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': %s takes a block", d.Val(), name)
	}
	if err := parseBlock(d, name, g); err != nil {
		return err
	}
	var p problems
	check(&p)
	if err := p.err(); err != nil {
		return d.WrapErr(err)
	}
	return nil
}
