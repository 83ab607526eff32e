//go:build browsers && linux

package e2e

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to hold the store's lock

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/record"
)

// Whatever happens to the extension, the host and the store, every call that a page has
// counted is recorded exactly once.
func TestNoLoss(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := newVictim(t, p.browser, mountSmall(t))
		b.installHost(t)
		b.launch(t)
		for _, trouble := range []struct {
			name string
			do   func(*testing.T, *stream)
		}{
			{"host killed", b.hostKilled},
			{"host renamed", b.hostRenamed},
			{"host unregistered as the page goes", b.hostUnregistered},
			{"background stopped", b.backgroundStopped},
			{"background stopped as the page goes", b.backgroundStoppedAtEnd},
			{"store locked", b.storeLocked},
			{"disk full", b.diskFull},
		} {
			t.Run(trouble.name, func(t *testing.T) {
				page := b.visit(t, false)
				trouble.do(t, page)
				if !page.left() {
					page.pause(t)
					b.demand(t, page, 1, page.count()) // everything arrives even if the page stays open
					page.leave(t)
				}
				b.demand(t, page, 1, page.count())
			})
		}
	})
}

func (b *victim) hostKilled(t *testing.T, page *stream) {
	for range 5 {
		page.goOn(t, 20)
		b.signalHosts(t, syscall.SIGSTOP) // so that messages wait for it when it is killed
		page.goOn(t, 20)
		b.signalHosts(t, syscall.SIGKILL)
	}
	page.goOn(t, 20)
}

func (b *victim) hostRenamed(t *testing.T, page *stream) {
	b.uninstallHost(t)
	b.signalHosts(t, syscall.SIGKILL)
	page.goOn(t, 300)
	b.installHost(t)
}

func (b *victim) hostUnregistered(t *testing.T, page *stream) {
	manifest := filepath.Join(b.profile, "NativeMessagingHosts", browser.ManifestFile)
	if err := os.Rename(manifest, manifest+".away"); err != nil {
		t.Fatal(err)
	}
	b.signalHosts(t, syscall.SIGKILL)
	page.goOn(t, 50)
	page.leave(t)
	if err := os.Rename(manifest+".away", manifest); err != nil {
		t.Fatal(err)
	}
}

func (b *victim) backgroundStopped(t *testing.T, page *stream) {
	for range 4 {
		page.goOn(t, 20)
		b.signalHosts(t, syscall.SIGSTOP)
		page.goOn(t, 20)
		b.stopBackground(t)
		b.signalHosts(t, syscall.SIGKILL) // otherwise it would still store what it has read
	}
	page.goOn(t, 20)
}

func (b *victim) backgroundStoppedAtEnd(t *testing.T, page *stream) {
	page.goOn(t, 50)
	b.stopBackground(t)
	page.leave(t)
}

func (b *victim) storeLocked(t *testing.T, page *stream) {
	db, err := sql.Open("sqlite", b.store)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "PRAGMA busy_timeout = 60000; BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		page.goOn(t, 10)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
}

func (b *victim) diskFull(t *testing.T, page *stream) {
	ballast := filepath.Join(filepath.Dir(b.store), "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	b.await(t, "the host complains of the disk", func() bool {
		page.goOn(t, 10)
		return bytes.Contains(hostLog(b.home), []byte("free some space on it"))
	})
	page.goOn(t, 50)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
}

// Calls made before there is any host are kept until it has been installed.
func TestHostLater(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := newVictim(t, p.browser, t.TempDir())
		b.launch(t)
		page := b.visit(t, false)
		page.goOn(t, 100)
		page.leave(t)
		b.installHost(t)
		b.demand(t, page, 1, page.count())
	})
}

// A page that was open before the extension was installed is recorded from then on, and
// its records say so. The same holds when the extension is reloaded.
func TestReloaded(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := launchVictim(t, p.browser)
		b.uninstallExtension(t)
		page := b.visit(t, true)
		page.goOn(t, 10)
		page.pause(t)
		unseen := page.count()
		b.installExtension(t)
		b.awaitHook(t, page, 1)
		page.goOn(t, 50)
		page.pause(t)
		b.demand(t, page, unseen+1, page.count())
		for n := range 2 {
			b.installExtension(t)
			b.awaitHook(t, page, n+2)
			page.goOn(t, 50)
			page.pause(t)
			b.demand(t, page, unseen+1, page.count())
		}
	})
}

// The calls that a page makes until the user ends the browser are recorded when the browser
// is started again, at the latest, also if there was no host. In Firefox the last ones may
// be missing, because it ends extensions at the same time as pages.
func TestQuit(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := newVictim(t, p.browser, t.TempDir())
		b.installHost(t)
		for _, host := range []bool{true, false, true, false} {
			if !host {
				b.uninstallHost(t)
			}
			b.launch(t)
			page := b.visit(t, true)
			page.goOn(t, 50)
			certain := page.count()
			page.goOn(t, 50)
			page.cut = true
			b.quit(t)
			if b.kind == "chromium" {
				certain = page.count()
			}
			if !host {
				b.installHost(t)
			}
			b.launch(t)
			b.demand(t, page, 1, certain)
			b.quit(t)
		}
	})
}

// awaitHook waits until the extension has hooked the page for the nth time.
func (b *victim) awaitHook(t *testing.T, page *stream, n int) {
	t.Helper()
	b.await(t, "the extension reaches the page", func() bool {
		hooked := 0
		for _, r := range b.records(t, page) {
			if r.Kind == record.Handler && r.State == "appeared" {
				hooked++
			}
			if r.Kind == record.Page && (r.HookedFromStart == nil || *r.HookedFromStart) {
				t.Errorf("%s: the page is said to be hooked from the start", r.ID)
			}
		}
		return hooked == n
	})
}

// demand waits until the recording has the page's calls from first to last, each once, and
// no others. A gap fails the test, because nothing in these tests may lose a call. A page
// that was cut may have made more calls than it has told the server of.
func (b *victim) demand(t *testing.T, page *stream, first, last int) {
	t.Helper()
	var want, got []int
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		want, got = nil, nil
		for _, r := range b.records(t, page) {
			switch r.Kind {
			case record.Call:
				n, err := strconv.Atoi(r.EventName())
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, n)
			case record.Gap:
				t.Fatalf("%d calls are said to be lost: %s", r.Lost, r.Why)
			}
		}
		slices.Sort(got)
		if page.cut && len(got) > 0 {
			last = max(last, got[len(got)-1])
		}
		for n := first; n <= last; n++ {
			want = append(want, n)
		}
		if slices.Equal(got, want) {
			return
		}
	}
	missing := slices.DeleteFunc(want, func(n int) bool { return slices.Contains(got, n) })
	t.Errorf("of the calls %d to %d, %d are in the recording, and these are missing: %d\nhost.log: %s",
		first, last, len(got), missing[:min(len(missing), 20)], tail(hostLog(b.home)))
}

// mountSmall mounts a file system of 400 MiB until the test ends. That is small enough to be
// filled quickly, and large enough that the host does not refuse to record for want of space
// before it is filled.
func mountSmall(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=400m,mode=0700"); err != nil {
		t.Fatalf("a small file system, to fill, cannot be mounted: %v (run this test as root)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}
