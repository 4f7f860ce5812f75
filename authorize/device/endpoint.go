package device

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// Door is where clients prove who they are. It is *token.Service.
type Door interface {
	// Enter reads a request and finds out who sent it.
	Enter(w http.ResponseWriter, r *http.Request) (*client.Client, url.Values, error)
	// Tell answers an error of Enter, or of [token.Refuse].
	Tell(ctx context.Context, w http.ResponseWriter, err error) error
}

// begun is the answer to a device (RFC 8628, section 3.2).
type begun struct {
	DeviceCode string `json:"device_code"`
	UserCode   string `json:"user_code"`
	URI        string `json:"verification_uri"`
	Complete   string `json:"verification_uri_complete"`
	Expires    int64  `json:"expires_in"`
	Interval   int64  `json:"interval"`
}

// Begin is the device authorization endpoint (section 3.1). The caller has
// checked the method.
func (s *Server) Begin(w http.ResponseWriter, r *http.Request, door Door) error {
	out, err := s.begin(w, r, door)
	if err != nil {
		if wait := retryAfter(err); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
			err = token.Refuse(http.StatusTooManyRequests, "temporarily_unavailable", "too many requests from this address")
		}
		return door.Tell(r.Context(), w, err)
	}
	return answer.JSON(w, http.StatusOK, out)
}

func (s *Server) begin(w http.ResponseWriter, r *http.Request, door Door) (*begun, error) {
	c, p, err := door.Enter(w, r)
	if err != nil {
		return nil, err
	}
	if !c.MayUse(client.GrantDevice) {
		return nil, refuse("unauthorized_client", "this client may not use this grant type")
	}
	scopes, err := c.Asked(p.Get("scope"))
	if err != nil {
		return nil, refuse("invalid_scope", err.Error())
	}
	resources, err := c.AskedFor(p["resource"])
	if err != nil {
		return nil, refuse("invalid_target", err.Error())
	}
	if err := s.Resources.CheckPlaces(scopes, resources); err != nil {
		return nil, refuse("invalid_scope", err.Error())
	}
	from := s.ClientIP(r)
	// Anybody can ask in a public client's name, and each time something is kept.
	if c.Public {
		if _, err := s.Begins.Attempt(r.Context(), c.ID, from); err != nil {
			return nil, err
		}
	}
	deviceCode, userCode, err := s.Requests.begin(r.Context(), Request{Client: c.ID, Scopes: scopes, Resources: resources, Address: text(from)})
	if err != nil {
		return nil, err
	}
	page := s.Issuer + Path
	return &begun{
		DeviceCode: deviceCode, UserCode: userCode, URI: page, Complete: page + "?" + url.Values{fieldUserCode: {userCode}}.Encode(),
		Expires: int64(Life / time.Second), Interval: int64(Interval / time.Second),
	}, nil
}

// text writes an address for people.
func text(addr netip.Addr) string {
	if !addr.IsValid() {
		return ""
	}
	return addr.Unmap().WithZone("").String()
}

// retryAfter is how long somebody has to wait who tried too often, zero for any
// other error.
func retryAfter(err error) time.Duration {
	var limit interface{ RetryAfter() time.Duration }
	switch {
	case !fault.Is(err, fault.Throttled):
		return 0
	case errors.As(err, &limit):
		return max(limit.RetryAfter(), time.Second)
	default:
		return time.Minute
	}
}
