package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// MaxBytes is the greatest size of a document.
const MaxBytes = 5 << 10

// MaxTime is how long an address has to answer.
const MaxTime = 5 * time.Second

// silent is a failure to hear anything from an address, which says nothing
// about the document there.
type silent struct{ err error }

func (s silent) Error() string { return s.err.Error() }
func (s silent) Unwrap() error { return s.err }

func isSilent(err error) bool {
	_, ok := errors.AsType[silent](err)
	return ok
}

// heard tells an address that does not answer from one that answers something
// that is not followed or read. One that may not be asked does not answer: or
// anybody could find out which names there are in this network.
func heard(err error) error {
	for _, said := range []error{egress.ErrRedirect, egress.ErrTooLarge, egress.ErrScheme} {
		if errors.Is(err, said) {
			return err
		}
	}
	return silent{err}
}

// fetch gives the client that a document describes, and how long that is good.
// Whoever asked first may go away meanwhile: others wait for the answer. The
// caller has a permit.
func (d *Directory) fetch(ctx context.Context, id string) (*client.Client, time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), MaxTime)
	defer cancel()
	raw, header, err := d.get(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	c, err := read(id, raw, d.Terms)
	return c, freshness(header), err
}

// get reads what is at an address: 200 and JSON, anything else is an error.
func (d *Directory) get(ctx context.Context, id string) ([]byte, http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, id, nil)
	if err != nil {
		return nil, nil, errors.New("the id is no address")
	}
	r.Header.Set("Accept", "application/json")
	answer, err := d.HTTP.Do(r)
	if err != nil {
		return nil, nil, heard(err)
	}
	defer answer.Body.Close()
	switch code := answer.StatusCode; {
	case code >= http.StatusInternalServerError || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		return nil, nil, silent{fmt.Errorf("the address answers %d", code)}
	case code != http.StatusOK:
		return nil, nil, fmt.Errorf("the address answers %d", code)
	}
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && !(strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")) {
		return nil, nil, errors.New("the document is not application/json")
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, MaxBytes+1))
	switch {
	case len(raw) > MaxBytes:
		return nil, nil, errors.New("the document is too large")
	case err != nil:
		return nil, nil, heard(err)
	}
	return raw, answer.Header, nil
}

// read makes a client of a document. There is nobody with whom a secret could be
// shared, so that without a word about it the client has none.
func read(id string, raw []byte, t metadata.Terms) (*client.Client, error) {
	doc, err := metadata.Read(raw)
	if err != nil {
		return nil, err
	}
	switch {
	case doc.ClientID != id: // "simple string comparison" (RFC 3986, section 6.2.1)
		return nil, errors.New("client_id is not the address of the document")
	case doc.ClientSecret != "":
		return nil, errors.New("the document holds a secret")
	case doc.TokenEndpointAuthMethod == "":
		doc.TokenEndpointAuthMethod = client.AuthNone
	}
	return doc.Client(id, t)
}

// freshness is how long an answer may be used (RFC 9111, section 5.2.2), within
// our bounds.
func freshness(h http.Header) time.Duration {
	fresh := usualFresh
	for _, word := range strings.Split(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(word)), "=")
		switch name {
		case "no-store", "no-cache":
			return leastFresh
		case "max-age":
			if n, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil {
				fresh = time.Duration(n) * time.Second
			} else {
				fresh = leastFresh
			}
		}
	}
	return min(max(fresh, leastFresh), mostFresh)
}
