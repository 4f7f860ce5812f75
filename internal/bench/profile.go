package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// profileSeconds is how long each profile is sampled.
const profileSeconds = 10

// profile writes one processor profile for each job into dir, taken by Caddy's admin
// API while the job runs.
func (c *contender) profile(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, j := range jobs() {
		done := make(chan error, 1)
		name := strings.NewReplacer(",", "", " ", "-").Replace(j.name) + ".pprof"
		go func() { done <- c.sample(filepath.Join(dir, name)) }()
		for running := true; running; {
			if err := many(j.times, func() error { return j.do(c.party) }); err != nil {
				return err
			}
			select {
			case err := <-done:
				if err != nil {
					return err
				}
				running = false
			default:
			}
		}
	}
	return nil
}

// sample fetches a profile into a file.
func (c *contender) sample(path string) error {
	resp, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", c.admin, profileSeconds))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the profile: %s", resp.Status)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(f, resp.Body)
	return err
}
