package main

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
)

func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	if n%2 == 1 {
		return v[n/2]
	}
	return (v[n/2-1] + v[n/2]) / 2
}

// interval gives the 95 % confidence interval of the median by bootstrap.
func interval(values []float64) (low, high float64) {
	const rounds = 4000
	medians := make([]float64, rounds)
	sample := make([]float64, len(values))
	draws := make([]byte, 4*len(values))
	for i := range medians {
		rand.Read(draws)
		for j := range sample {
			sample[j] = values[int(binary.LittleEndian.Uint32(draws[4*j:]))%len(values)]
		}
		medians[i] = median(sample)
	}
	slices.Sort(medians)
	return medians[rounds*25/1000], medians[rounds*975/1000]
}
