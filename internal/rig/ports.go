package rig

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net"
	"sync"
	"testing"
)

// given are the ports that this process gave away.
var given sync.Map

// Ports finds n free ports on loopback. They are below those that the kernel
// gives to outgoing connections, or one of them could take a port before the
// server does that it is for.
func Ports(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range 1000 {
		if len(ports) == n {
			return ports
		}
		above, err := rand.Int(rand.Reader, big.NewInt(20000))
		if err != nil {
			t.Fatal(err)
		}
		port := 12000 + int(above.Int64())
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			ports = append(ports, port)
		}
	}
	t.Fatalf("%d free ports, of %d", len(ports), n)
	return nil
}
