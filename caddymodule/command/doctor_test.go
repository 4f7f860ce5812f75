package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// says wants every text in what doctor says, and a problem if there is to be one.
func (o *office) says(t *testing.T, problem bool, texts ...string) {
	t.Helper()
	out, err := o.run(t, "", "doctor")
	if (err != nil) != problem {
		t.Errorf("doctor: %v\n%s", err, out)
	}
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("%q is not in\n%s", text, out)
		}
	}
}

// doctor goes on after a configuration that would not load: it still looks at
// what is kept, at the place that can be read or else the default one.
func TestDoctorWithoutConfiguration(t *testing.T) {
	o := newOffice(t, "")
	o.must(t, "", "user", "add", "alice", "--no-password")
	for what, c := range map[string]struct {
		text string
		says []string
	}{
		"a mistake in the text": {"{\n\tgatehouse {\n\t\tissuer https://a.example.com/path\n\t}\n}\n", []string{"Caddyfile:3"}},
		"a missing secret":      {"{\n\tgatehouse {\n\t\tissuer https://a.example.com\n\t\tclient wiki {\n\t\t\tsecret {file.nowhere}\n\t\t\tredirect_uri https://w.example.com/cb\n\t\t}\n\t}\n}\n", []string{"client wiki", "nowhere"}},
	} {
		o.write(t, "Caddyfile", c.text)
		o.says(t, true, append(c.says, "Caddyfile would not load", "accounts and keys at "+o.database+" is sound", "signing keys can be read", "the clock is not behind")...)
		if t.Failed() {
			t.Log(what)
		}
	}
	o.write(t, "Caddyfile", "{\n\tgatehouse {\n\t\tstore sqlite other/g.sqlite\n\t\tissuer https://a.example.com\n\t\tclient wiki {\n\t\t\tsecret {file.nowhere}\n\t\t\tredirect_uri https://w.example.com/cb\n\t\t}\n\t}\n}\n")
	o.says(t, true, "no database at", "g.sqlite yet")
	if _, err := os.Stat(filepath.Join(o.dir, "other")); err == nil {
		t.Error("doctor made something")
	}
}

// doctor makes no file, and tells a first start from a loss.
func TestDoctorOfFiles(t *testing.T) {
	o := newOffice(t, ":8080 {\n\tgatehouse {\n\t\torigin http://localhost:8080\n\t}\n}\n")
	o.says(t, false, "no database at "+o.database+" yet")
	if _, err := os.Stat(filepath.Join(o.dir, "caddy")); err == nil {
		t.Error("doctor made something")
	}
	o.must(t, "", "user", "add", "alice", "--no-password")
	o.says(t, false, "is sound", "signing keys can be read")

	key := filepath.Join(filepath.Dir(o.database), "master.key")
	for _, path := range []string{key, o.database} { // COO-12
		chmod(t, path, 0o644)
		o.says(t, true, path, "chmod 600")
		chmod(t, path, 0o600)
	}
	chmod(t, filepath.Dir(o.database), 0o777)
	o.says(t, true, "chmod 700 "+filepath.Dir(o.database))
	chmod(t, filepath.Dir(o.database), 0o700)

	tomorrow := time.Now().Add(24 * time.Hour)
	if err := os.Chtimes(o.database, tomorrow, tomorrow); err != nil {
		t.Fatal(err)
	}
	o.says(t, true, "the clock says")
	if err := os.Chtimes(o.database, time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	o.says(t, false)

	move(t, o.database, o.database+".away")
	o.says(t, true, "no database at "+o.database, "put it back")
	if err := os.WriteFile(o.database, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.says(t, true, "is empty")
}

// PRX-02: doctor finds the process that works on a file which is gone.
func TestDoctorFindsDeletedFile(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Log("this system does not tell which files are open")
		return
	}
	o := newOffice(t, "")
	o.server(t)
	o.must(t, "", "backup", o.database+".new")
	move(t, o.database+".new", o.database)
	o.says(t, true, "deleted or replaced at "+o.database, "restart it")
}

// COO-12: a master key that is missing beside a database that was made with one
// is asked for, and not made anew.
func TestMissingMasterKey(t *testing.T) {
	o := newOffice(t, "")
	o.must(t, "", "user", "add", "alice", "--no-password")
	key := filepath.Join(filepath.Dir(o.database), "master.key")
	move(t, key, key+".away")
	for _, args := range [][]string{{"user", "list"}, {"user", "add", "bob", "--no-password"}, {"setup"}} {
		o.refuses(t, []string{key, "put that file back"}, args...)
	}
	o.says(t, true, key, "put that file back", "is sound")
	if _, err := os.Stat(key); err == nil {
		t.Error("a new key was made")
	}
	move(t, key+".away", key)
	if out := o.must(t, "", "user", "list"); !strings.Contains(out, "alice") || strings.Contains(out, "bob") {
		t.Error(out)
	}
}

// A list of nothing would hide a mistake in --data.
func TestNoDatabase(t *testing.T) {
	o := newOffice(t, "")
	for _, args := range [][]string{
		{"user", "list"},
		{"user", "show", "alice"},
		{"user", "disable", "alice"},
		{"session", "list"},
		{"keys", "list"},
		{"keys", "rotate"},
		{"backup", "copy"},
		{"user", "list", "--data", "nowhere/g.sqlite"},
		{"user", "list", "--data", "."},
	} {
		o.refuses(t, []string{"there is no database at"}, args...)
	}
	left, err := os.ReadDir(o.dir)
	if err != nil || len(left) != 0 {
		t.Errorf("made %v, %v", left, err)
	}
	o.must(t, "", "user", "add", "alice", "--no-password", "--data", "here/g.sqlite")
	if out := o.must(t, "", "user", "list", "--data", "here/g.sqlite"); !strings.Contains(out, "alice") {
		t.Error(out)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// doctor names clients that need a certificate which nobody asks them for, or
// keys that are no longer made, those in the database too.
func TestDoctorOfClients(t *testing.T) {
	text := func(tls, keys string) string {
		return `{
	gatehouse {
		issuer https://auth.example.com
		users
		` + keys + `
		client ledger {
			auth_method tls_client_auth
			tls_subject_dn "CN=ledger"
			id_token_alg ES256
			redirect_uri https://ledger.example.com/cb
		}
	}
}
auth.example.com {
	` + tls + `
	gatehouse_portal
}
other.example.com {
	tls {
		client_auth {
			mode request
		}
	}
	respond hello
}
`
	}
	const ask = "tls {\n\t\tclient_auth {\n\t\t\tmode request\n\t\t}\n\t}"
	o := newOffice(t, text("", ""))
	o.must(t, "", "user", "add", "alice", "--no-password")
	o.must(t, "", "client", "add", "bound", "--certificate-bound-tokens", "--redirect-uri", wikiURI)
	o.says(t, false, "client ledger: auth_method tls_client_auth needs", "client bound: certificate_bound_tokens needs")
	o.write(t, "Caddyfile", text(ask, ""))
	if out, err := o.run(t, "", "doctor"); err != nil || strings.Contains(out, "certificate") {
		t.Errorf("with client_auth: %v\n%s", err, out)
	}
	o.write(t, "Caddyfile", text(ask, "keys {\n\t\t\talgorithms ES256\n\t\t}"))
	o.says(t, true, "client bound can be given no tokens: id_token_alg: RS256, the default, is not among the algorithms of keys: ES256")
}
