package oidc

import "log/slog"

// Secret is a client secret. It prints, logs and encodes as REDACTED.
type Secret string

// redacted stands for every secret.
const redacted = "REDACTED"

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// GoString does the same for %#v.
func (Secret) GoString() string { return redacted }

// MarshalText does the same for encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue does the same for slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
