package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/term"
)

// newPassword asks for a password twice on the terminal, without echo, or
// reads one line from standard input. It never comes from an argument, which
// others on the machine can read.
func (d *desk) newPassword(stdin bool) (string, error) {
	terminal := int(os.Stdin.Fd())
	if stdin {
		return readLine(d.in)
	}
	if !term.IsTerminal(terminal) {
		return "", usageError{errors.New("standard input is no terminal; use --password-stdin")}
	}
	defer restoreOnInterrupt(terminal)()
	password, err := ask(terminal, "Password: ")
	if err != nil {
		return "", err
	}
	again, err := ask(terminal, "The same again: ")
	if err != nil {
		return "", err
	}
	if password != again {
		return "", errors.New("the two passwords differ")
	}
	return password, nil
}

func ask(terminal int, prompt string) (string, error) {
	fmt.Fprint(os.Stderr, prompt)
	password, err := term.ReadPassword(terminal)
	fmt.Fprintln(os.Stderr)
	return string(password), err
}

// readLine reads up to the first line break, which is not part of the password;
// spaces are (LGN-02).
func readLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 4096)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", errors.New("no password on standard input")
	}
	return line, nil
}

// restoreOnInterrupt gives the terminal its echo back if somebody presses
// ctrl-C while it is off.
func restoreOnInterrupt(terminal int) (stop func()) {
	state, err := term.GetState(terminal)
	if err != nil {
		return func() {}
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	go func() {
		if _, ok := <-interrupted; ok {
			term.Restore(terminal, state)
			os.Exit(1)
		}
	}()
	return func() { signal.Stop(interrupted); close(interrupted) }
}
