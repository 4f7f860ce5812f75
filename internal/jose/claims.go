package jose

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"
)

// maxDate is the last second of the year 9999, beyond which no date is meant.
const maxDate = 253402300799

// Date is a NumericDate: seconds since 1970, without the fraction that some
// write (RFC 7519, section 2). A pointer tells whether there is one.
type Date int64

// UnmarshalJSON takes a number from 0 to the year 9999 in any notation.
func (d *Date) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] < '0' || raw[0] > '9' {
		return errors.New("not a date")
	}
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || seconds > maxDate {
		return errors.New("not a date")
	}
	*d = Date(seconds)
	return nil
}

// Time gives the date as a time.
func (d Date) Time() time.Time { return time.Unix(int64(d), 0) }

// Audience is the claim aud: a text or a list of texts (RFC 7519, section
// 4.1.3).
type Audience struct {
	names []string
	list  bool
}

// UnmarshalJSON takes both forms.
func (a *Audience) UnmarshalJSON(raw []byte) error {
	a.names, a.list = nil, len(raw) > 0 && raw[0] == '['
	if a.list {
		return json.Unmarshal(raw, &a.names)
	}
	if len(raw) == 0 || raw[0] != '"' {
		return errors.New("not an audience")
	}
	a.names = make([]string, 1)
	return json.Unmarshal(raw, &a.names[0])
}

// Is tells whether the audience is name alone, and written as a text.
func (a Audience) Is(name string) bool {
	return !a.list && len(a.names) == 1 && a.names[0] == name
}

// Within tells whether there is an audience and all of it is among names: a
// token that is meant for others too could be replayed by them.
func (a Audience) Within(names ...string) bool {
	return len(a.names) > 0 && !slices.ContainsFunc(a.names, func(n string) bool { return !slices.Contains(names, n) })
}

// Has tells whether name is part of the audience.
func (a Audience) Has(name string) bool { return slices.Contains(a.names, name) }
