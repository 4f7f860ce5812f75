package page

import (
	"maps"
	"slices"
)

// SaidSentences are the sentences that [Said] knows.
func SaidSentences() []string { return slices.Sorted(maps.Keys(said)) }
