package pushed

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// The lifetimes (OAU-26). "The authorization server SHOULD ... make the request
// URI ... short-lived" (RFC 9126, section 2.2): 90 seconds are plenty for a
// redirect. The person then has as long as a login under way has.
const (
	Life        = 90 * time.Second
	PendingLife = 10 * time.Minute
)

// mostPublic is how many requests of one public client may wait at a time. Who
// pushes them need not prove anything, and must not fill the store (DOS-05).
const mostPublic = 2000

// prefix makes an address ours (RFC 9126, section 2.2, recommends the form).
const prefix = "urn:ietf:params:oauth:request_uri:"

const kindPushed store.Kind = "pushed"

// Request is one that was sent ahead and found right.
type Request struct {
	// Client is whose it is: nobody else can use it.
	Client string `json:"client"`
	// Params are its parameters, as they count.
	Params url.Values `json:"params"`
	// JKT is the key that was shown when it was pushed, which the code will be
	// bound to (RFC 9449, section 10.1). "": none was.
	JKT string `json:"jkt,omitempty"`
	// Signed says that the parameters were in a request object (RFC 9101).
	Signed bool `json:"signed,omitempty"`
	// Held says that a browser has brought it: no other may from then on.
	Held bool `json:"held,omitempty"`

	key     string // of the item that keeps it
	version int64
}

// Requests keeps them. Shorts is required; Now must be its clock, nil means
// time.Now.
type Requests struct {
	Shorts store.Shorts
	Now    func() time.Time
}

// ours tells whether a request_uri can be one that [Requests.Push] gave.
func ours(uri string) bool {
	name, ok := strings.CutPrefix(uri, prefix)
	return ok && secret.Valid(name)
}

// IsReference tells whether uri means a pushed request at all, whether ours or
// not, and not a place where one could be fetched.
func IsReference(uri string) bool { return strings.HasPrefix(uri, prefix) }

func (r *Requests) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// Push keeps q for [Life] and gives the address for it. public says that nobody
// proved to be the client. fault.Throttled: too many of those are waiting.
func (r *Requests) Push(ctx context.Context, q Request, public bool) (string, error) {
	const op = "pushed.Push"
	if public {
		switch tally, err := r.Shorts.Count(ctx, "pushed "+q.Client, 1, Life); {
		case err != nil:
			return "", fault.At(op, err)
		case tally.N > mostPublic:
			return "", fault.New(fault.Throttled, op, "")
		}
	}
	q.Held = false
	value, err := json.Marshal(q)
	if err != nil {
		return "", fault.Wrap(fault.Internal, op, err)
	}
	name := secret.New()
	return prefix + name, fault.At(op, r.Shorts.Create(ctx, store.Item{
		Kind: kindPushed, Key: secret.Hash(name), Value: value, Expires: r.now().Add(Life),
	}))
}

// Find gives the request of an address of client's. fault.NotFound: there is
// none, it is another client's, too old, or answered.
func (r *Requests) Find(ctx context.Context, uri, client string) (*Request, error) {
	const op = "pushed.Find"
	if !ours(uri) {
		return nil, fault.New(fault.NotFound, op, "")
	}
	key := secret.Hash(strings.TrimPrefix(uri, prefix))
	item, err := r.Shorts.Get(ctx, kindPushed, key)
	if err != nil {
		return nil, fault.At(op, err)
	}
	q := Request{key: key, version: item.Version}
	if err := json.Unmarshal(item.Value, &q); err != nil {
		return nil, fault.Wrap(fault.Internal, op, err)
	}
	if q.Client != client {
		return nil, fault.New(fault.NotFound, op, "")
	}
	return &q, nil
}

// Hold gives the request to the browser that just brought it, for
// [PendingLife]. One that is held already is left as it is: its time does not
// begin anew. fault.NotFound: another was faster, or it is gone.
func (r *Requests) Hold(ctx context.Context, q *Request) error {
	const op = "pushed.Hold"
	if q.Held {
		return nil
	}
	held := *q
	held.Held = true
	value, err := json.Marshal(held)
	if err != nil {
		return fault.Wrap(fault.Internal, op, err)
	}
	_, err = r.Shorts.Swap(ctx, store.Item{
		Kind: kindPushed, Key: q.key, Value: value, Version: q.version, Expires: r.now().Add(PendingLife),
	})
	if fault.Is(err, fault.Conflict) {
		return fault.Wrap(fault.NotFound, op, err)
	}
	return fault.At(op, err)
}

// Spend uses the request up, for exactly one caller: for the others, and when
// it is too old, fault.NotFound.
func (r *Requests) Spend(ctx context.Context, q *Request) error {
	const op = "pushed.Spend"
	_, err := r.Shorts.Take(ctx, kindPushed, q.key, q.Client)
	if fault.Is(err, fault.Spent) {
		return fault.Wrap(fault.NotFound, op, err)
	}
	return fault.At(op, err)
}
