package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
)

// target is one way of asking: where, with what bytes, and the status that
// must come back.
type target struct {
	addr    string
	request []byte
	status  string
}

// newTarget is a GET of a path with these header lines.
func newTarget(port int, path, header, status string) target {
	host := fmt.Sprintf("localhost:%d", port)
	request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", path, host, header)
	return target{fmt.Sprintf("127.0.0.1:%d", port), []byte(request), status}
}

// client is one kept connection.
type client struct {
	conn net.Conn
	r    *bufio.Reader
}

// pool is a set of kept connections to one target.
type pool struct {
	target
	clients []*client
}

func newPool(t target, n int) (*pool, error) {
	p := &pool{target: t}
	for range n {
		conn, err := net.Dial("tcp", t.addr)
		if err != nil {
			return nil, err
		}
		p.clients = append(p.clients, &client{conn, bufio.NewReader(conn)})
	}
	return p, nil
}

// send does n requests over all connections and returns the first error.
func (p *pool) send(n int) error {
	var wg sync.WaitGroup
	errs := make(chan error, len(p.clients))
	for _, c := range p.clients {
		wg.Go(func() {
			for range n / len(p.clients) {
				if err := c.ask(p.request, p.status); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// ask sends one request and reads its answer, which must carry a length.
func (c *client) ask(request []byte, status string) error {
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.Contains(line, []byte(" "+status+" ")) {
		return fmt.Errorf("answer %q, want %s", line, status)
	}
	length := 0
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := bytes.Cut(line, []byte(": ")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	_, err = io.CopyN(io.Discard, c.r, int64(length))
	return err
}
