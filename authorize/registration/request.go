package registration

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// maxBody bounds what is read of a request (DOS-02). A key set takes most of it.
const maxBody = 32 << 10

// How often one network may ask: more than a fleet behind one address needs,
// and no way to fill a disk.
const (
	mostRequests = 120
	requestsIn   = time.Hour
)

// statusError is a request that was refused with a status of its own.
type statusError struct {
	status     int
	retryAfter time.Duration
	says       metadata.Error
}

// count counts a request, before any work is done for it.
func (s *Server) count(r *http.Request) error {
	tally, err := s.Shorts.Count(r.Context(), "register:"+secret.Hash(s.From(r)), 1, requestsIn)
	if err != nil {
		return fault.At("registration.count", err)
	}
	if tally.N <= mostRequests {
		return nil
	}
	return &statusError{
		http.StatusTooManyRequests, max(tally.Resets.Sub(s.Now()), time.Second),
		metadata.Error{Code: "temporarily_unavailable", Description: "too many requests"},
	}
}

// read reads metadata.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (*metadata.Document, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || r.Header.Get("Content-Encoding") != "" {
		return nil, refused(http.StatusUnsupportedMediaType, "the body must be application/json")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, refused(http.StatusRequestEntityTooLarge, "the body must be small")
	}
	if err != nil {
		return nil, refused(http.StatusBadRequest, "the body can't be read")
	}
	return metadata.Read(raw)
}

func refused(status int, description string) error {
	return &statusError{status, 0, metadata.Error{Code: metadata.CodeMetadata, Description: description}}
}

// Error implements error.
func (e *statusError) Error() string { return fmt.Sprintf("%d: %s", e.status, e.says.Error()) }
