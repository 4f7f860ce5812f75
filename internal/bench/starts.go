package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// startRounds is how often each kind of start is measured.
const startRounds = 15

// begun is what one start cost: milliseconds to the first answer, milliseconds
// of processor time up to it, and megabytes a moment later.
type begun struct{ wall, cpu, size float64 }

// starts compares starts with those of Caddy without Gatehouse, in rounds in
// which they take turns, so that each difference is of neighbours: the very
// first start, in an empty directory, where databases and keys are made; one
// that finds them; and one that finds 100,000 accounts.
func (b *bench) starts() error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	empty, known := filepath.Join(dir, "empty"), filepath.Join(dir, "known")
	if err := os.Mkdir(known, 0o700); err != nil {
		return err
	}
	fresh := func() error {
		if err := os.RemoveAll(empty); err != nil {
			return err
		}
		return os.Mkdir(empty, 0o700)
	}
	if _, err := b.start(known, true); err != nil { // makes databases and keys
		return err
	}
	for _, kind := range []struct {
		name, dir string
		before    func() error // each start
		once      func() error // the first
	}{
		{"in an empty directory", empty, fresh, nil},
		{"with its database", known, nil, nil},
		{"with 100,000 accounts", known, nil, func() error { return crowd(known, 100_000) }},
	} {
		if kind.once != nil {
			if err := kind.once(); err != nil {
				return err
			}
		}
		if err := b.startsOf(kind.name, kind.dir, kind.before); err != nil {
			return err
		}
	}
	return nil
}

// startsOf measures one kind of start in pairs, and prints the differences.
func (b *bench) startsOf(name, dir string, before func() error) error {
	var walls, cpus, sizes, bare []float64
	for range startRounds {
		if before != nil {
			if err := before(); err != nil {
				return err
			}
		}
		ours, err := b.start(dir, true)
		if err != nil {
			return err
		}
		alone, err := b.start(dir, false)
		if err != nil {
			return err
		}
		walls, cpus = append(walls, ours.wall-alone.wall), append(cpus, ours.cpu-alone.cpu)
		sizes, bare = append(sizes, ours.size-alone.size), append(bare, alone.wall)
	}
	wallLow, wallHigh := interval(walls)
	cpuLow, cpuHigh := interval(cpus)
	fmt.Printf("start %-22s %+.0f ms to the first answer (95 %%: %.0f to %.0f), %+.0f ms of processor time (%.0f to %.0f), %+.0f MB; Caddy alone takes %.0f ms\n",
		name, median(walls), wallLow, wallHigh, median(cpus), cpuLow, cpuHigh, median(sizes), median(bare))
	return nil
}

// start measures one start of Caddy with Gatehouse and a guard, or without both.
func (b *bench) start(dir string, guarded bool) (begun, error) {
	port, err := freePort()
	if err != nil {
		return begun{}, err
	}
	binary := b.plain
	if guarded {
		binary = b.full
	}
	p, err := start(binary, dir, b.caddyfile(port, guarded), fmt.Sprintf("http://localhost:%d/", port))
	if err != nil {
		return begun{}, err
	}
	defer p.stop()
	cpu, err := p.cpu()
	if err != nil {
		return begun{}, err
	}
	time.Sleep(300 * time.Millisecond)
	size, err := p.memory()
	return begun{p.first.Seconds() * 1000, cpu.Seconds() * 1000, mb(size)}, err
}
