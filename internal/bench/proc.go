package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// process is a server under measurement.
type process struct {
	cmd   *exec.Cmd
	dir   string
	first time.Duration // exec to the first answer
}

// command prepares a command of binary with its own home, so that nothing of
// the machine's leaks into the measurement.
func command(binary, dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return cmd
}

// start writes the Caddyfile, runs binary and waits for an answer.
func start(binary, dir, caddyfile, url string) (*process, error) {
	if err := os.WriteFile(filepath.Join(dir, "Caddyfile"), []byte(caddyfile), 0o600); err != nil {
		return nil, err
	}
	return launch(command(binary, dir, "run", "--config", "Caddyfile"), url)
}

// launch runs a server and waits for an answer.
func launch(cmd *exec.Cmd, url string) (*process, error) {
	p := &process{cmd: cmd, dir: cmd.Dir}
	var log bytes.Buffer
	p.cmd.Stderr = &log
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
			break
		}
		if time.Since(began) > 30*time.Second {
			p.stop()
			return nil, fmt.Errorf("no answer at %s: %s", url, log.String())
		}
		time.Sleep(time.Millisecond)
	}
	p.first = time.Since(began)
	return p, nil
}

func (p *process) stop() {
	p.cmd.Process.Signal(os.Interrupt)
	p.cmd.Wait()
}

// cpu is the processor time the process has used so far, to the nanosecond:
// Linux gives every process a clock, numbered by its inverted id.
func (p *process) cpu() (time.Duration, error) {
	const schedClock = 2
	clock := int32(^p.cmd.Process.Pid<<3 | schedClock)
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return 0, err
	}
	return time.Duration(ts.Nano()), nil
}

// pin keeps every thread of the process on some CPUs; later threads inherit it.
func pin(pid int, cpus ...int) error {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return err
	}
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(tid, &set); err != nil && err != unix.ESRCH {
			return err
		}
	}
	return nil
}

// memory is the resident size in bytes.
func (p *process) memory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	return kb << 10, err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
