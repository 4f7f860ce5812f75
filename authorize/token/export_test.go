package token

import (
	"reflect"
	"strings"
)

// AccessClaims lists the members of an access token that is a JWT.
func AccessClaims() (names []string) {
	for field := range reflect.TypeFor[accessClaims]().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}
