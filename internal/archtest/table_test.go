package archtest_test

// Outside packages by the names used in the table.
const (
	caddy    = "github.com/caddyserver/caddy/v2/..."
	goJOSE   = "github.com/go-jose/go-jose/v4/..."
	goOIDC   = "github.com/coreos/go-oidc/v3/oidc"
	gorilla  = "github.com/gorilla/sessions"
	i18n     = "github.com/nicksnyder/go-i18n/v2/i18n"
	uuid     = "github.com/google/uuid"
	zap      = "go.uber.org/zap/..."
	xCrypto  = "golang.org/x/crypto/..."
	xNet     = "golang.org/x/net/..."
	xOAuth2  = "golang.org/x/oauth2"
	xSys     = "golang.org/x/sys/..."
	xTerm    = "golang.org/x/term"
	xText    = "golang.org/x/text/..."
	sqliteDB = "modernc.org/sqlite/..."
	cobra    = "github.com/spf13/cobra"
	anything = "..."
)

// allowed is the whole truth about imports outside tests: each package of the
// module, and what it may import beside the standard library. Packages of this
// module are written without the module's path.
//
// The features (session, login, authorize, guard, account) never know each
// other; only caddymodule and what builds a Caddy know Caddy.
var allowed = map[string][]string{
	// leaves
	"identity":          {xText},
	"fault":             {},
	"store":             {},
	"internal/origin":   {},
	"internal/prefetch": {},
	"internal/returnto": {"internal/origin"},
	"internal/secret":   {},
	"internal/suggest":  {},
	"internal/seal":     {xCrypto},
	"internal/egress":   {"fault"},
	"internal/jose":     {goJOSE},

	// features and what they rest on
	"account":                   {"store", "identity", "fault", "internal/secret", xCrypto, xText, uuid},
	"audit":                     {"identity", "fault", "store", "internal/secret", zap},
	"authorize":                 {"identity", "fault", "internal/origin", "internal/seal", "internal/secret", "internal/prefetch", "authorize/checksession", "authorize/claims", "authorize/client", "authorize/clientauth", "authorize/consent", "authorize/grant", "authorize/internal/answer", "authorize/internal/form", "authorize/proof", "authorize/pushed", "authorize/requestobject", "authorize/subject", "authorize/token"},
	"authorize/backchannel":     {"identity", "fault", "store", "internal/secret", "authorize/client"},
	"authorize/checksession":    {"identity", "internal/seal", "internal/secret", "authorize/internal/answer"},
	"authorize/consent":         {"identity", "fault", "store", "internal/seal", "internal/secret", "authorize/claims", "authorize/client", "authorize/grant", "authorize/internal/answer", "authorize/internal/form"},
	"authorize/device":          {"identity", "fault", "store", "internal/seal", "internal/secret", "authorize/claims", "authorize/client", "authorize/consent", "authorize/grant", "authorize/internal/answer", "authorize/internal/form", "authorize/token"},
	"authorize/endsession":      {"identity", "fault", "internal/seal", "internal/prefetch", "authorize/client", "authorize/internal/answer", "authorize/internal/form"},
	"authorize/claims":          {"identity", "authorize/client"},
	"authorize/client":          {"identity", "fault", "internal/origin", "internal/jose"},
	"authorize/clientauth":      {"fault", "store", "internal/jose", "internal/secret", "authorize/client", "authorize/internal/ration"},
	"authorize/document":        {"fault", "internal/egress", "authorize/client", "authorize/internal/ration", "authorize/metadata"},
	"authorize/grant":           {"identity", "fault", "store", "internal/seal", "internal/secret", "authorize/proof"},
	"authorize/endpoints":       {"fault", "authorize", "authorize/client", "authorize/device", "authorize/endsession", "authorize/internal/answer", "authorize/proof", "authorize/registration", "authorize/token"},
	"authorize/internal/answer": {},
	"authorize/internal/form":   {},
	"authorize/internal/ration": {"fault"},
	"authorize/metadata":        {"identity", "internal/jose", "internal/secret", "authorize/client", xText},
	"authorize/proof":           {"fault", "store", "internal/jose", "internal/seal", "internal/secret"},
	"authorize/pushed":          {"fault", "store", "internal/secret"},
	"authorize/requestobject":   {"fault", "internal/jose", "authorize/client", "authorize/clientauth"},
	"authorize/registration":    {"fault", "store", "internal/secret", "authorize/client", "authorize/internal/answer", "authorize/metadata", "authorize/registry"},
	"authorize/registry":        {"fault", "store", "internal/jose", "internal/origin", "internal/secret", "internal/suggest", "authorize/client"},
	"authorize/subject":         {"identity", "fault", "internal/seal", "authorize/client"},
	"authorize/token":           {"identity", "fault", "store", "internal/origin", "internal/seal", "internal/secret", "authorize/claims", "authorize/client", "authorize/clientauth", "authorize/grant", "authorize/internal/answer", "authorize/internal/form", "authorize/proof", "authorize/subject"},
	"guard":                     {"identity", "fault", "internal/origin", "internal/prefetch"},
	"keys":                      {"store", "fault", "internal/seal", "internal/jose"},
	"login":                     {"identity", "fault", "page", "store", "internal/seal", "internal/secret", "internal/origin", "internal/returnto"},
	"page":                      {"identity", "fault", i18n, xText},
	"provider/oidc":             {"identity", "fault", "internal/secret", "internal/egress", goOIDC, xOAuth2},
	"session":                   {"store", "identity", "fault", "internal/seal", "internal/secret", "internal/origin", gorilla},
	"throttle":                  {"store", "identity", "fault"},

	// stores
	"store/sqlite":    {"store", "fault", sqliteDB},
	"store/memory":    {"store", "fault", "store/sqlite"},
	"store/storetest": {"store", "fault"},

	// the top: joins everything
	"":                    {"caddymodule", "caddymodule/command"},
	"internal/house":      {"identity", "fault", "store", "audit", "account", "authorize/backchannel", "authorize/consent", "authorize/grant", "authorize/registration", "authorize/registry", "keys", "session", "internal/seal", zap},
	"caddymodule":         {anything},
	"caddymodule/command": {"caddymodule", "audit", "internal/house", "internal/jose", "internal/suggest", "account", "authorize/client", "authorize/consent", "authorize/registration", "authorize/registry", "session", "identity", "fault", caddy, cobra, xTerm, zap},
	"cmd/caddy":           {"", caddy},

	// tools and kits that no product package may import
	"internal/archtest":     {},
	"internal/requirements": {},
	"internal/fakeidp":      {},
	"internal/rig":          {caddy, xNet},
	"internal/bench":        {"store", "store/sqlite", xSys},
	"internal/bench/plain":  {caddy},
	"e2e":                   {"internal/rig", caddy},
	"e2e/conformance":       {},
}

// tops are the packages that may know Caddy.
var tops = []string{"caddymodule", "caddymodule/command", "cmd/caddy", "internal/bench/plain", "internal/rig", "e2e"}

// registers are the packages that register themselves with Caddy in init.
var registers = []string{"caddymodule", "caddymodule/command"}

// kits are for tests and tools.
var kits = []string{"internal/archtest", "internal/requirements", "internal/fakeidp", "internal/rig", "internal/bench", "internal/bench/plain", "store/storetest", "e2e"}

// forbidden are packages that no file may import, tests included where true.
var forbidden = map[string]struct {
	why   string
	tests bool
}{
	"math/rand":     {"secrets and ids come from crypto/rand (CRY-01)", true},
	"math/rand/v2":  {"secrets and ids come from crypto/rand (CRY-01)", true},
	"text/template": {"pages are html/template (WEB-01)", true},
	"unsafe":        {"nothing here needs it", true},
	"encoding/gob":  {"it decodes types the sender chooses", true},
	"testing":       {"test code belongs into tests and kits", false},
}

// clocks are the packages that may read the time themselves: adapters to a
// clock outside us, tools and kits.
var clocks = []string{"caddymodule", "cmd/caddy", "e2e", "store/storetest", "internal/bench", "internal/bench/plain", "internal/rig", "internal/fakeidp"}
