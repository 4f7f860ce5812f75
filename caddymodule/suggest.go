package caddymodule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/suggest"
)

// didYouMean gives the tail of a message about an unknown word: the nearest
// known one, or all of them if none is near.
func didYouMean(word string, known []string) string {
	if best := suggest.Nearest(word, known); best != "" {
		return fmt.Sprintf("; did you mean '%s'?", best)
	}
	if len(known) == 0 {
		return ""
	}
	return "; known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}
