package keys

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

const day = 24 * time.Hour

// The periods of a [Schedule] that does not say.
const (
	DefaultAnnounce = 14 * day
	DefaultUse      = 90 * day
	DefaultKeep     = 14 * day
)

// The least periods that make sense.
const (
	// minAnnounce is how long others may go on with the key set they have: we
	// let them keep it for a minute, and few ask again that soon.
	minAnnounce = time.Hour
	// minKeep outlives every token: those that anybody can check without
	// asking us live for an hour at most.
	minKeep = time.Hour
)

// Schedule is the life of a signing key.
type Schedule struct {
	// Announce is how long a key is listed before it signs: 14 days if zero,
	// at least an hour.
	Announce time.Duration
	// Use is how long a key signs: 90 days if zero, longer than Announce.
	Use time.Duration
	// Keep is how long a key is listed after it has signed last: 14 days if
	// zero, at least an hour. It must exceed the life of every token.
	Keep time.Duration
}

// Validate tells everything that is wrong with s at once, joined.
func (s Schedule) Validate() error {
	s = s.complete()
	var problems []error
	if s.Announce < minAnnounce {
		problems = append(problems, fmt.Errorf("announce %v: must be at least %v, since others remember the keys they know", s.Announce, minAnnounce))
	}
	if s.Use <= s.Announce {
		problems = append(problems, fmt.Errorf("use %v: must be longer than announce %v", s.Use, s.Announce))
	}
	if s.Keep < minKeep {
		problems = append(problems, fmt.Errorf("keep %v: must be at least %v, the life of the longest token", s.Keep, minKeep))
	}
	return errors.Join(problems...)
}

func (s Schedule) complete() Schedule {
	for p, d := range map[*time.Duration]time.Duration{&s.Announce: DefaultAnnounce, &s.Use: DefaultUse, &s.Keep: DefaultKeep} {
		if *p == 0 {
			*p = d
		}
	}
	return s
}

// Settings say which keys there are. The zero value is right for use.
type Settings struct {
	Schedule

	// Algs are the algorithms that may sign, the default first: RS256, ES256,
	// EdDSA and PS256 if nil. Each has a key of its own. The keys of one that
	// is taken out sign no more. They stay listed for the time of keeping, and
	// then go; if it comes back, it gets new ones.
	Algs []string

	// Early are those of Algs whose first keys are made without being asked
	// for. The others get theirs with their first signature. Default: all but
	// PS256, which few ask for and whose keys take long to make.
	Early []string
}

// Validate tells everything that is wrong with s at once, joined.
func (s Settings) Validate() error {
	s = s.complete()
	problems := []error{s.Schedule.Validate()}
	for i, alg := range s.Algs {
		if !slices.Contains(algs(), alg) {
			problems = append(problems, fmt.Errorf("algorithm %q: must be one of %v", alg, algs()))
		}
		if slices.Contains(s.Algs[:i], alg) {
			problems = append(problems, fmt.Errorf("algorithm %s: is named twice", alg))
		}
	}
	if len(s.Algs) == 0 {
		problems = append(problems, errors.New("algorithms: at least one is needed"))
	}
	for _, alg := range s.Early {
		if !slices.Contains(s.Algs, alg) {
			problems = append(problems, fmt.Errorf("algorithm %q: is made early but not kept", alg))
		}
	}
	return errors.Join(problems...)
}

func (s Settings) complete() Settings {
	s.Schedule = s.Schedule.complete()
	if s.Algs == nil {
		s.Algs = algs()
	}
	if s.Early == nil {
		s.Early = slices.DeleteFunc(slices.Clone(s.Algs), func(alg string) bool { return alg == jose.PS256 && s.Algs[0] != alg })
	}
	return s
}

// algs are all that keys can be made for, in the order of their default.
func algs() []string { return []string{jose.RS256, jose.ES256, jose.EdDSA, jose.PS256} }

// Slow tells whether a key for alg takes a third of a second to make, or several
// times that on a small machine, as those of RSA do. Others take less than a
// millisecond.
func Slow(alg string) bool { return alg == jose.RS256 || alg == jose.PS256 }

// Configure makes the ring work by other settings from now on, as after a
// reload. fault.Invalid: they can't be right; nothing changes.
func (r *Ring) Configure(s Settings) error {
	if err := s.Validate(); err != nil {
		return fault.Wrap(fault.Invalid, "keys.Configure", err)
	}
	s = s.complete()
	r.settings.Store(&s)
	r.Forget()
	r.nudge()
	return nil
}

// offers fails for an algorithm that the ring keeps no keys for.
func (r *Ring) offers(op, alg string) error {
	if !slices.Contains(r.settings.Load().Algs, alg) {
		return fault.Wrap(fault.Invalid, op, fmt.Errorf("no keys are kept for the algorithm %q; the configuration has %s",
			alg, strings.Join(r.settings.Load().Algs, ", ")))
	}
	return nil
}
