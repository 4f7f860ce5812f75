package audit_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/identity"
)

var (
	from  = audit.Source{Addr: netip.MustParseAddr("::ffff:192.0.2.1"), RequestID: "r-1"}
	alice = &identity.User{Subject: "0b8e", Username: "alice", Name: "Alice", Email: "alice@acme.test", Groups: []string{"staff"}}
)

// capture gives a log at debug level and what it wrote, once as JSON and once
// as the console encoder has it.
func capture() (*audit.Log, *bytes.Buffer, *bytes.Buffer) {
	asJSON, asText := new(bytes.Buffer), new(bytes.Buffer)
	config := zap.NewProductionEncoderConfig()
	core := zapcore.NewTee(
		zapcore.NewCore(zapcore.NewJSONEncoder(config), zapcore.AddSync(asJSON), zap.DebugLevel),
		zapcore.NewCore(zapcore.NewConsoleEncoder(config), zapcore.AddSync(asText), zap.DebugLevel),
	)
	return audit.New(zap.New(core)), asJSON, asText
}

func TestEvents(t *testing.T) {
	login := identity.Login{IDP: "local", AMR: []string{"pwd"}}
	tests := []struct {
		write func(l *audit.Log)
		want  string
	}{ // LOG-03
		{
			func(l *audit.Log) { l.LoginSucceeded(from, alice, login, "sid-1") },
			`{"level":"info","msg":"login.succeeded","event":"login.succeeded","client_ip":"192.0.2.1","request_id":"r-1","subject":"0b8e","username":"alice","provider":"local","methods":["pwd"],"sid":"@"}`,
		},
		{
			func(l *audit.Log) {
				l.LoginFailed(from, audit.Failure{Typed: "ALICE", Subject: "0b8e", Username: "alice", Provider: "local", Reason: "wrong_password"})
			},
			`{"level":"warn","msg":"login.failed","event":"login.failed","client_ip":"192.0.2.1","request_id":"r-1","subject":"0b8e","username":"alice","provider":"local","reason":"wrong_password"}`,
		},
		{
			func(l *audit.Log) {
				l.LoginFailed(from, audit.Failure{Typed: "my password", Username: "my password", Provider: "local", Reason: "unknown"})
			}, // LOG-04
			`{"level":"warn","msg":"login.failed","event":"login.failed","client_ip":"192.0.2.1","request_id":"r-1","username_sha256":"bb14292d91c6","provider":"local","reason":"unknown"}`,
		},
		{
			func(l *audit.Log) { l.LoginThrottled(from, audit.Failure{Typed: "x", Reason: "pair"}, 90*time.Second) },
			`{"level":"warn","msg":"login.throttled","event":"login.throttled","client_ip":"192.0.2.1","request_id":"r-1","username_sha256":"2d711642b726","reason":"pair","retry_after":90}`,
		},
		{
			func(l *audit.Log) { l.LoggedOut(audit.Source{}, alice, "") },
			`{"level":"info","msg":"logout","event":"logout","subject":"0b8e","username":"alice"}`,
		},
		{
			func(l *audit.Log) { l.AccessDenied(from, nil, "", "app.example.com", "no_rule") },
			`{"level":"warn","msg":"access.denied","event":"access.denied","client_ip":"192.0.2.1","request_id":"r-1","host":"app.example.com","reason":"no_rule"}`,
		},
		{
			func(l *audit.Log) { l.AccountChanged("command", "0b8e", "alice", "disabled") },
			`{"level":"info","msg":"account.changed","event":"account.changed","subject":"0b8e","username":"alice","change":"disabled","actor":"command"}`,
		},
		{
			func(l *audit.Log) { l.KeyRotated("ES256", "k1") },
			`{"level":"info","msg":"key.rotated","event":"key.rotated","alg":"ES256","kid":"k1"}`,
		},
		{
			func(l *audit.Log) { l.ProviderFailed(from, "work", "access_denied") },
			`{"level":"warn","msg":"provider.failed","event":"provider.failed","client_ip":"192.0.2.1","request_id":"r-1","provider":"work","reason":"access_denied"}`,
		},
		{
			func(l *audit.Log) { l.ProviderLogout(from, nil, "", "work", 2) },
			`{"level":"info","msg":"provider.logout","event":"provider.logout","client_ip":"192.0.2.1","request_id":"r-1","provider":"work","sessions":2}`,
		},
		{
			func(l *audit.Log) { l.ProviderLogout(from, alice, "sid-1", "work", 1) },
			`{"level":"info","msg":"provider.logout","event":"provider.logout","client_ip":"192.0.2.1","request_id":"r-1","subject":"0b8e","username":"alice","sid":"@","provider":"work","sessions":1}`,
		},
	}
	for _, test := range tests {
		l, out, _ := capture()
		test.write(l)
		var got, want map[string]any
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(test.want), &want); err != nil {
			t.Fatal(err)
		}
		if ts, ok := got["ts"].(float64); !ok || ts == 0 {
			t.Errorf("no time: %s", out)
		}
		delete(got, "ts")
		if id, ok := got["sid"].(string); ok && len(id) == 12 && want["sid"] == "@" {
			want["sid"] = id
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	}
	audit.New(nil).SetupLinkMade("start") // nil drops
}

// every calls each method of the log with text in every place that takes one.
func every(l *audit.Log, text string) {
	user := &identity.User{Subject: identity.Subject(text), Username: text, Name: text, Email: text, Groups: []string{text}, Claims: map[string]string{text: text}}
	source := audit.Source{Addr: from.Addr, RequestID: text}
	f := audit.Failure{Typed: text, Subject: identity.Subject(text), Username: text, Provider: text, Reason: text}
	l.LoginSucceeded(source, user, identity.Login{IDP: text, AMR: []string{text, text}, Claims: map[string]string{text: text}}, text)
	l.LoginFailed(source, f)
	l.LoginThrottled(source, f, time.Minute)
	l.LoggedOut(source, user, text)
	l.AccessDenied(source, user, text, text, text)
	l.SetupLinkMade(text)
	l.SetupDone(source, user)
	l.AccountChanged(text, identity.Subject(text), text, text)
	l.SessionEnded(identity.Subject(text), text, text)
	l.KeyRotated(text, text)
	l.ProviderFailed(source, text, text)
	l.ProviderLogout(source, user, text, text, 1)
	l.ClientRefused(source, text, text)
	l.ClientChanged(source, text, text)
	l.TicketRefused(source, text, text)
	l.Consent(source, user, text, text, text)
	l.ConsentRefused(source, user, text, text, text)
}

// TestCanary puts secrets where callers have them: what people type into the
// user name, and ids of sessions.
func TestCanary(t *testing.T) {
	const canary = "c4n4ry-S3cret-horse-vapour"
	l, asJSON, asText := capture()
	secretive := &identity.User{Subject: "0b8e", Username: "alice", Claims: map[string]string{"token": canary}}
	login := identity.Login{IDP: "work", AMR: []string{"fed"}, Claims: map[string]string{"access_token": canary}}
	l.LoginSucceeded(from, secretive, login, canary)
	l.LoginFailed(from, audit.Failure{Typed: canary, Username: canary, Reason: "unknown"})
	l.LoginThrottled(from, audit.Failure{Typed: canary, Reason: "address"}, time.Minute)
	l.LoggedOut(from, secretive, canary)
	l.AccessDenied(from, secretive, canary, "app.example.com", "no_rule")
	l.SetupDone(from, secretive)
	l.SessionEnded("0b8e", canary, "expired")
	for _, out := range []string{asJSON.String(), asText.String()} { // LOG-01
		if out == "" || strings.Contains(out, canary) || strings.Contains(out, canary[:16]) {
			t.Errorf("a secret is in the log:\n%s", out)
		}
	}
}

func TestHostileText(t *testing.T) {
	calls := reflect.TypeFor[*audit.Log]().NumMethod()
	for _, hostile := range []string{
		"a\n{\"event\":\"login.succeeded\"}", "a\r\nb", "\x1b[2J\x1b]0;x\x07", "a\x00b", "\u2028\u2029", "\u202egnp", "\x9b31m", "\xff\xfe",
		strings.Repeat("A", 100_000), strings.Repeat("ä", 100_000), strings.Repeat("\xff", 1000), "\u200b",
	} {
		l, asJSON, asText := capture()
		every(l, hostile)
		lines := strings.Split(strings.TrimSuffix(asText.String(), "\n"), "\n")
		if len(lines) != calls || strings.Count(asJSON.String(), "\n") != calls { // LOG-02
			t.Fatalf("%.20q: %d lines for %d events", hostile, len(lines), calls)
		}
		for _, line := range lines {
			if len(line) > 2000 { // LOG-04
				t.Errorf("%.20q: a line of %d bytes", hostile, len(line))
			}
			for _, r := range line {
				if r != '\t' && !unicode.IsPrint(r) {
					t.Errorf("%.20q: %q in the log", hostile, r)
				}
			}
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("alice")
	f.Add(strings.Repeat("a", 63) + "ä")
	f.Add(strings.Repeat("\x80", 70))
	f.Fuzz(func(t *testing.T, text string) { // LOG-02, LOG-04
		got := audit.Clean(text)
		if len(got) > 64 || !utf8.ValidString(got) || audit.Clean(got) != got {
			t.Fatalf("%q became %q", text, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
