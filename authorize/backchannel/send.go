package backchannel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
)

const (
	// leaseSlack is how much longer than a request a notice is leased: time to
	// sign before it and to write down the result after it.
	leaseSlack = 25 * time.Second
	// lastWord bounds that writing, also when the program is ending.
	lastWord = 5 * time.Second
	// maxAnswer is how much of an answer is read, to keep the connection.
	maxAnswer = 16 << 10
)

// errNotWanted says that a client has no address to be told at.
var errNotWanted = errors.New("the client does not want to be told")

// Deliver sends every notice that is due and returns when none is, with the
// time of the next (zero if there is none). The error is our store's; what
// clients do wrong goes to Report.
func (s *Sender) Deliver(ctx context.Context) (next time.Time, err error) {
	for {
		next, err = s.Outbox.next(ctx)
		if err != nil || next.IsZero() || next.After(s.Now()) {
			return next, err
		}
		if err := s.wave(ctx); err != nil {
			return time.Time{}, err
		}
	}
}

// wave leases as many notices as may be sent at once, and sends them.
func (s *Sender) wave(ctx context.Context) error {
	batch, err := s.Outbox.claim(ctx, s.Parallel, s.Timeout+leaseSlack)
	if err != nil {
		return err
	}
	failed := make([]error, len(batch))
	var all sync.WaitGroup
	for i, n := range batch {
		all.Go(func() { failed[i] = s.handle(ctx, n) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// handle sends one notice and writes down what became of it.
func (s *Sender) handle(ctx context.Context, n notice) error {
	began := s.Now()
	err := safely(func() error { return s.send(ctx, n) })
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
	defer cancel()
	if errors.Is(err, errNotWanted) {
		return s.Outbox.drop(last, n)
	}
	if err != nil && ctx.Err() != nil { // our doing, not the client's
		return s.Outbox.release(last, n)
	}
	now := s.Now()
	d := Delivery{Client: n.client, SID: n.sid, Attempt: n.attempts, Took: now.Sub(began), Err: err}
	d.GaveUp = err != nil && (n.attempts >= s.Attempts || now.Sub(n.ended) > s.MaxAge)
	s.Report(ctx, d)
	if err == nil || d.GaveUp {
		return s.Outbox.drop(last, n)
	}
	return s.Outbox.postpone(last, n, now.Add(delay(n.attempts)))
}

// send posts a logout token (section 2.5). The client succeeded with 200, or
// with the 204 that some frameworks make of an empty answer (section 2.8).
func (s *Sender) send(ctx context.Context, n notice) error {
	const op = "backchannel.send"
	c, err := s.Clients.Client(client.Vouch(ctx), n.client) // it joined a session of ours
	if fault.Is(err, fault.NotFound) || err == nil && (c == nil || c.BackchannelLogoutURI == "") {
		return errNotWanted
	}
	if err != nil {
		return fault.At(op, err)
	}
	token, err := s.token(ctx, c, n)
	if err != nil {
		return fault.At(op, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	body := strings.NewReader(url.Values{"logout_token": {token}}.Encode())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BackchannelLogoutURI, body)
	if err != nil {
		return fault.Wrap(fault.Internal, op, errors.New("the client's address is malformed"))
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.HTTP(c).Do(r)
	if err != nil {
		return fault.Wrap(fault.Unavailable, op, reason(err))
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer))
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent {
		return fault.Wrap(fault.Unavailable, op, fmt.Errorf("the client answered %d", res.StatusCode))
	}
	return nil
}

// reason takes the address off an error of package http: its query may be
// meant for nobody's log.
func reason(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
