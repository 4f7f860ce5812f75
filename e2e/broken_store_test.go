package e2e_test

import (
	"database/sql"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// stores are the files of both databases.
func stores(t *testing.T, h *house) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.Dir, "caddy", "gatehouse", "*.sqlite*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	return files
}

// PRX-02, ERR-01: stores that die while Caddy runs. Whatever is left of them,
// no request reaches the application without an identity that was checked, and
// what people see says nothing of files.
func TestStoresThatDie(t *testing.T) {
	for name, kill := range map[string]func(string) error{
		"overwritten": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("this is no database ", 5000)), 0o600)
		},
		"emptied": func(path string) error { return os.Truncate(path, 0) },
		"deleted": os.Remove,
		"closed":  func(path string) error { return os.Chmod(path, 0) },
	} {
		h := loginHost(t, "", "public /pub/*")
		b := rig.NewBrowser(t)
		h.login(t, b, h.site+"/", "alice")
		page := rig.NewBrowser(t).Get(h.site + "/before")
		for _, path := range stores(t, h) {
			if err := kill(path); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(6 * time.Second) // a silent feed makes every cached session ask
		h.app.Requests()
		for range 3 {
			known := status(b, "GET", h.site+"/known", map[string]string{"Accept": "text/html"})
			for _, s := range h.app.Requests() {
				if got := s.Header["Remote-User"]; len(got) != 1 || got[0] != "alice" {
					t.Errorf("%s: %s arrived for %v", name, s.URI, got)
				}
			}
			made := map[string]string{"Accept": "text/html", "Cookie": h.cookie + "=" + strings.Repeat("A", 43)}
			stranger := status(rig.NewBrowser(t), "GET", h.site+"/stranger", made)
			if n := len(h.app.Requests()); n != 0 || stranger.StatusCode == http.StatusOK {
				t.Errorf("%s: a made-up cookie: %d, %d requests arrived", name, stranger.StatusCode, n)
			}
			fresh := rig.NewBrowser(t)
			p := fresh.Get(h.site + "/fresh")
			if strings.Contains(p.Body, h.Dir) || strings.Contains(p.Body, "sqlite") || strings.Contains(p.Body, "goroutine") {
				t.Errorf("%s: the page tells too much: %.500s", name, p.Body)
			}
			public := status(fresh, "GET", h.site+"/pub/x", nil)
			h.app.Requests()
			if public.StatusCode != http.StatusOK || known.StatusCode != http.StatusOK && known.StatusCode != http.StatusServiceUnavailable || p.Status >= 500 {
				t.Errorf("%s: known %d, login page %d, public path %d", name, known.StatusCode, p.Status, public.StatusCode)
			}
		}
		answer := rig.NewBrowser(t)
		answer.Client.Jar = b.Client.Jar
		posted := answer.Submit(page, map[string]string{"username": "alice", "password": password})
		if posted.Status != http.StatusOK && posted.Status != http.StatusServiceUnavailable {
			t.Errorf("%s: a login posted afterwards: %d at %s", name, posted.Status, posted.URL)
		}
		h.Stop()
		if log := h.Log(); strings.Contains(log, "panic") {
			t.Errorf("%s: a panic", name)
		}
	}
}

// PRX-02, DOS-01: another process holds the database for good. Who is signed
// in is served from memory meanwhile, nobody else gets in, and everything
// works again when it is let go.
func TestLockedStore(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	late := rig.NewBrowser(t)
	page := late.Get(h.site + "/late")
	var held []*sql.DB
	for _, path := range stores(t, h) {
		if filepath.Ext(path) != ".sqlite" {
			continue
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
			t.Fatal(err)
		}
		held = append(held, db)
	}
	quick := 0 // an answer that waited for the lock would take 5 s
	for until := time.Now().Add(7 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		began := time.Now()
		wantUser(t, b, b.Get(h.site+"/known"), "alice")
		if time.Since(began) < 3*time.Second {
			quick++
		}
	}
	if quick == 0 {
		t.Error("who is signed in waits for the lock")
	}
	p := late.Submit(page, map[string]string{"username": "alice", "password": password})
	if p.Status != http.StatusServiceUnavailable {
		t.Errorf("a login while nothing can be written: %d at %s", p.Status, p.URL)
	}
	for _, db := range held {
		db.Exec("ROLLBACK")
		db.Close()
	}
	wantUser(t, late, h.login(t, rig.NewBrowser(t), h.site+"/again", "alice"), "alice")
}
