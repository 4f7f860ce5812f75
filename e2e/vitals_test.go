package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Bounds of what 50 reloads may leave behind, beyond what they leave in the
// same Caddy without us.
const (
	// Goroutines and files come and go with connections, of Caddy as of the
	// databases' pools. One lost at every reload would be 50 of them.
	mostGoroutines = reloads / 4
	mostFiles      = reloads / 4
	// A configuration of ours that can't be let go holds its pages and
	// catalogues, which were seen to be 1.3 MiB; a fiftieth of that at every
	// reload is noticed.
	mostHeap = 1 << 20
)

// vitals is what a process holds.
type vitals struct {
	goroutines int
	heap       int // bytes in use after a collection
	files      int
	stacks     map[string]int // goroutines by where they are
	open       []string
}

// warm lets a crowd work over two reloads, so that pools are filled and
// everything that is made once is there, and measures when it has left.
func warm(t *testing.T, h *house, cookie string) vitals {
	t.Helper()
	c := gather(h, cookie)
	for range 2 {
		upgrade(t, h, h.site, cookie).Close()
		if err := h.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	c.leave()
	time.Sleep(time.Second)
	return measure(t, h)
}

// settled waits until the last connections are gone, which is a matter of a
// moment on an idle machine, and measures.
func settled(t *testing.T, h *house, before vitals) vitals {
	t.Helper()
	var v vitals
	for range 20 {
		v = measure(t, h)
		if grown := v.minus(before); grown.goroutines <= mostGoroutines/2 && grown.files <= mostFiles/2 && grown.heap <= mostHeap/2 {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	return v
}

// measure asks the admin API for profiles and the kernel for files.
func measure(t *testing.T, h *house) vitals {
	t.Helper()
	v := vitals{stacks: map[string]int{}, open: openFiles(t, h.Pid())}
	v.files = len(v.open)
	h.Admin("/debug/pprof/heap?gc=1&debug=1") // what has a finalizer goes with the second collection
	_, heap := h.Admin("/debug/pprof/heap?gc=1&debug=1")
	v.heap = number(t, heap, "# HeapAlloc = ")
	_, profile := h.Admin("/debug/pprof/goroutine?debug=1")
	v.goroutines = number(t, profile, "goroutine profile: total ")
	for stack := range strings.SplitSeq(profile, "\n\n") {
		head, frames, _ := strings.Cut(strings.TrimSpace(stack), "\n")
		if count, _, ok := strings.Cut(head, " @ "); ok {
			n, _ := strconv.Atoi(count[strings.LastIndexByte(count, '\n')+1:])
			v.stacks[frames] += n
		}
	}
	return v
}

// number reads what stands behind a mark.
func number(t *testing.T, text, mark string) int {
	t.Helper()
	_, rest, _ := strings.Cut(text, mark)
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("no %q: %.300s", mark, text)
	}
	return n
}

// minus is what came since before.
func (v vitals) minus(before vitals) vitals {
	grown := vitals{v.goroutines - before.goroutines, v.heap - before.heap, v.files - before.files, maps.Clone(v.stacks), nil}
	for frames, n := range before.stacks {
		grown.stacks[frames] -= n
	}
	left := slices.Clone(before.open)
	for _, file := range v.open {
		if i := slices.Index(left, file); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			grown.open = append(grown.open, file)
		}
	}
	return grown
}

// String gives the three numbers.
func (v vitals) String() string {
	return fmt.Sprintf("%d goroutines, %d KiB, %d files", v.goroutines, v.heap>>10, v.files)
}

// compareVitals holds what was left behind against plain Caddy.
func compareVitals(t *testing.T, ours, theirs vitals) {
	t.Helper()
	t.Logf("left by %d reloads: guarded %v; bare %v", reloads, ours, theirs)
	if ours.goroutines > max(0, theirs.goroutines)+mostGoroutines {
		t.Errorf("%d goroutines were left", ours.goroutines)
		for frames, n := range ours.stacks {
			if n > 2 {
				t.Logf("%d more at\n%s", n, frames)
			}
		}
	}
	if ours.files > max(0, theirs.files)+mostFiles {
		t.Errorf("%d files were left: %v", ours.files, ours.open)
	}
	if ours.heap > max(0, theirs.heap)+mostHeap {
		t.Errorf("%d KiB were left, %d KiB without us", ours.heap>>10, theirs.heap>>10)
	}
}

// openFiles says what the process has open, by path or kind.
func openFiles(t *testing.T, pid int) []string {
	t.Helper()
	dir := filepath.Join("/proc", fmt.Sprint(pid), "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, e := range entries {
		to, _ := os.Readlink(filepath.Join(dir, e.Name()))
		if kind, _, ok := strings.Cut(to, ":["); ok {
			to = kind // each socket has a number of its own
		}
		open = append(open, to)
	}
	slices.Sort(open)
	return open
}
