package oidc

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Limits on a key set.
const (
	maxKeys      = 100
	minRSABytes  = 2048 / 8 // CRY-02
	maxRSABytes  = 8192 / 8 // a larger modulus only burns time
	fetchesEach  = 5        // fetches of one key set in …
	fetchesEvery = time.Minute
)

// keySet gives the provider's keys. go-oidc fetches them again whenever a
// signature fits none, so the client it is given limits how often (FED-11).
// Its context outlives every request, for it is kept.
func keySet(client *http.Client, address string, now func() time.Time) gooidc.KeySet {
	limited := *client
	limited.Transport = &keyTransport{base: client.Transport, now: now}
	return gooidc.NewRemoteKeySet(gooidc.ClientContext(context.Background(), &limited), address)
}

// witness lets the caller of a verifier know why the keys could not be had:
// the verifier keeps of an error only its text.
type witness struct {
	gooidc.KeySet
	err error
}

// VerifySignature implements go-oidc's KeySet.
func (w *witness) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := w.KeySet.VerifySignature(ctx, jwt)
	w.err = err
	return payload, err
}

// keyTransport fetches key sets, not too often, and drops the keys that must
// not verify anything. Whoever asks too often gets the last answer again.
type keyTransport struct {
	base http.RoundTripper // nil means http.DefaultTransport
	now  func() time.Time

	mu    sync.Mutex
	times []time.Time // of the latest fetches
	last  []byte      // the latest good answer
}

// RoundTrip implements http.RoundTripper.
func (t *keyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	last, allowed := t.allowed()
	if !allowed && last == nil {
		return nil, fault.Wrap(fault.Unavailable, "oidc.keys", errors.New("fetched too often"))
	}
	if !allowed {
		return keysAnswer(r, last), nil
	}
	base := t.base
	if base == nil {
		base = http.DefaultTransport
	}
	res, err := base.RoundTrip(r)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "oidc.keys", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		// The library would quote the whole body in its error.
		return nil, fault.Wrap(fault.Unavailable, "oidc.keys", errors.New("the key set's address answered "+res.Status))
	}
	body, err := io.ReadAll(res.Body)
	if err == nil {
		body, err = usableKeys(body)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "oidc.keys", err)
	}
	t.mu.Lock()
	t.last = body
	t.mu.Unlock()
	return keysAnswer(r, body), nil
}

func keysAnswer(r *http.Request, body []byte) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func (t *keyTransport) allowed() ([]byte, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.times = slices.DeleteFunc(t.times, func(at time.Time) bool { return now.Sub(at) >= fetchesEvery })
	if len(t.times) >= fetchesEach {
		return t.last, false
	}
	t.times = append(t.times, now)
	return nil, true
}

// usableKeys drops keys for encryption, secrets and RSA keys that are too
// short or absurdly long.
func usableKeys(body []byte) ([]byte, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(body, &set) != nil || len(set.Keys) > maxKeys {
		return nil, errors.New("not a key set, or too many keys")
	}
	set.Keys = slices.DeleteFunc(set.Keys, func(raw json.RawMessage) bool {
		var key struct{ Kty, Use, N string }
		if json.Unmarshal(raw, &key) != nil || key.Use == "enc" {
			return true
		}
		switch key.Kty {
		case "RSA":
			size := base64.RawURLEncoding.DecodedLen(len(key.N))
			return size < minRSABytes || size > maxRSABytes
		case "EC", "OKP":
			return false
		}
		return true
	})
	return json.Marshal(set)
}
