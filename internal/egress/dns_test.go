package egress_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"
)

// resolver answers every name with one IPv4 address, from a name server that
// speaks DNS over an in-memory connection.
func resolver(t *testing.T, answer string) *net.Resolver {
	t.Helper()
	addr := netip.MustParseAddr(answer).As4()
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serveDNS(server, addr)
		return client, nil
	}}
}

// serveDNS answers queries in TCP framing: net.Pipe is no packet connection,
// so the resolver puts the length before each message (RFC 1035, section
// 4.2.2).
func serveDNS(conn net.Conn, addr [4]byte) {
	defer conn.Close()
	for {
		size := make([]byte, 2)
		if _, err := io.ReadFull(conn, size); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		out := dnsAnswer(query, addr)
		conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
	}
}

// dnsAnswer repeats the question; an A question gets one record, any other
// none.
func dnsAnswer(query []byte, addr [4]byte) []byte {
	const header = 12
	end := header + bytes.IndexByte(query[header:], 0) + 1
	isA := binary.BigEndian.Uint16(query[end:]) == 1
	out := append(bytes.Clone(query[:2]), 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
	out = append(out, query[header:end+4]...)
	if isA {
		out[7] = 1
		out = append(out, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4)
		out = append(out, addr[:]...)
	}
	return out
}
