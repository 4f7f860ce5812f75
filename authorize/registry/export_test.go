package registry

import "github.com/gatehouse-auth/gatehouse/authorize/client"

// Remembered tells how many clients and origins are in memory, absent ones
// included.
func (s *Stored) Remembered() int {
	n := 0
	for _, g := range []generations[known]{s.clients.present, s.clients.absent} {
		n += len(g.young) + len(g.old)
	}
	for _, g := range []generations[bool]{s.origins.present, s.origins.absent} {
		n += len(g.young) + len(g.old)
	}
	return n
}

// Encode and Decode are the form in the database.
func Encode(c *client.Client) (string, error) { return encode(c) }

// Decode reads it.
func Decode(text string) (*client.Client, error) { return decode(text) }
