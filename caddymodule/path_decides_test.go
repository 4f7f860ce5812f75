package caddymodule_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// PTH-01: ambiguous paths are refused where a path decides who may pass, and
// only there.
func TestPathDecides(t *testing.T) {
	for name, c := range map[string]struct {
		input string
		want  bool
	}{
		"plain":                 {"app.example.com {\n\tgatehouse\n\treverse_proxy localhost:1\n}\n", false},
		"rule":                  {"app.example.com {\n\tgatehouse {\n\t\tallow group staff\n\t}\n}\n", false},
		"public path":           {"app.example.com {\n\tgatehouse {\n\t\tpublic /healthz\n\t}\n}\n", true},
		"path matcher":          {"app.example.com {\n\tgatehouse /admin/*\n}\n", true},
		"named matcher":         {"app.example.com {\n\t@post method POST\n\tgatehouse @post\n}\n", true},
		"handle with a path":    {"app.example.com {\n\thandle /admin/* {\n\t\tgatehouse\n\t}\n}\n", true},
		"handle without a path": {"app.example.com {\n\thandle {\n\t\tgatehouse\n\t}\n}\n", false},
		"handle of others":      {"app.example.com {\n\tgatehouse\n\thandle /static/* {\n\t\tfile_server\n\t}\n}\n", false},
		"deep":                  {"app.example.com {\n\troute {\n\t\troute /a/* {\n\t\t\troute {\n\t\t\t\tgatehouse\n\t\t\t}\n\t\t}\n\t}\n}\n", true},
		"error route":           {"app.example.com {\n\tgatehouse\n\thandle_errors {\n\t\thandle /a/* {\n\t\t\tgatehouse\n\t\t}\n\t}\n}\n", true},
	} {
		if got := caddymodule.PathDecides(httpApp(t, c.input)); len(got) != 1 || got["app.example.com"] != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
