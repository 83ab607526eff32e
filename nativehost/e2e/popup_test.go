//go:build browsers && linux

package e2e

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/record"
)

// The popup says which part of a call's way to the store fails, and what to do.
func TestPopup(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := launchVictim(t, p.browser)
		page := b.visit(t, false)
		page.goOn(t, 8)
		page.pause(t)
		popup := b.openPopup(t, b.site.URL+page.path)
		popup.says(t, "Userlike Inspector "+extension.Version, strconv.Itoa(page.count())+" calls", " errors\n",
			glossary.CallsArrive.Of().Meaning, "Version "+extension.Version+" is connected.", "Records are stored.")
		popup.picture(t, "popup-well")

		manifest := filepath.Join(b.profile, "NativeMessagingHosts", browser.ManifestFile)
		well, err := os.ReadFile(manifest)
		if err != nil {
			t.Fatal(err)
		}
		program := b.host
		// Browsers report some of these failures alike: Firefox does not distinguish a forbidden
		// host from a missing one, nor a missing program from one that cannot be started.
		forbidden, gone, unusable := glossary.HostForbidden, glossary.HostMissing, glossary.HostCrashed
		if b.kind == "firefox-esr" {
			forbidden, gone, unusable = glossary.HostMissing, glossary.HostUnusable, glossary.HostUnusable
		}
		for _, c := range []struct {
			name  string
			spoil func()
			want  glossary.Code
		}{
			{"missing", func() { remove(t, manifest) }, glossary.HostMissing},
			{"forbidden", func() {
				other := strings.NewReplacer(extension.ChromiumID, strings.Repeat("a", 32), extension.FirefoxID, "other@other").Replace(string(well))
				writeFile(t, manifest, other)
			}, forbidden},
			{"gone", func() { remove(t, program) }, gone},
			{"not executable", func() { chmod(t, program, 0o600) }, unusable},
			{"crashing", func() { writeFile(t, program, "#!/bin/sh\nexit 3\n") }, glossary.HostCrashed},
			{"silent", func() { writeFile(t, program, "#!/bin/sh\nexec grep -a never\n") }, glossary.HostSilent},
			{"newer", func() { writeFile(t, program, refusing(t, "extension")) }, glossary.ExtensionOld},
			{"older", func() { writeFile(t, program, refusing(t, "host")) }, glossary.ExtensionNew},
		} {
			t.Run(c.name, func(t *testing.T) {
				writeFile(t, program, "#!/bin/sh\n")
				c.spoil()
				popup.close(t)      // while it is open, the background stays alive
				b.stopBackground(t) // the next background tries to connect at once
				popup = b.openPopup(t, b.site.URL+page.path)
				popup.says(t, c.want.Of().Meaning, c.want.Of().Remedy, "until it answers.")
				popup.picture(t, "popup-"+c.name)
				writeFile(t, manifest, string(well))
			})
		}
	})
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// writeFile puts a new file in the place of one, which may be a program that is running:
// that cannot be written to.
func writeFile(t *testing.T, path, content string) {
	t.Helper()
	fresh := path + ".new"
	if err := os.WriteFile(fresh, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, path); err != nil {
		t.Fatal(err)
	}
}

// refusing is a script that answers as a host of another version, which says that the
// extension or the host has to be updated.
func refusing(t *testing.T, update string) string {
	t.Helper()
	message := fmt.Sprintf(`{"type":"refused","protocol":9,"host":"9.9.9","update":%q,"message":"Update."}`, update)
	var length strings.Builder
	for _, b := range binary.NativeEndian.AppendUint32(nil, uint32(len(message))) {
		fmt.Fprintf(&length, `\%03o`, b)
	}
	return "#!/bin/sh\nprintf '" + length.String() + message + "'\nexec grep -a never\n"
}

// While a tab or a site is paused, calls are only counted, and the recording has a gap with
// their number.
func TestPause(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := launchVictim(t, p.browser)
		site := strings.TrimPrefix(b.site.URL, "http://")

		page := b.visit(t, false)
		page.goOn(t, 5)
		page.pause(t)
		recorded := sequence(1, page.count())
		b.press(t, page, "Pause this tab", "Recording is paused.")
		page.goOn(t, 5)
		page.pause(t)
		lost := page.count() - len(recorded)
		popup := b.openPopup(t, b.site.URL+page.path)
		popup.says(t, fmt.Sprintf("%d calls counted, not recorded.", lost), glossary.Paused.Of().Meaning)
		popup.picture(t, "popup-paused")
		if b.kind == "chromium" { // in Firefox, eval cannot call the page's own chrome functions
			b.await(t, "the badge says that it is paused", func() bool {
				var badge string
				popup.eval(t, `const [tab] = await chrome.tabs.query({active: true, currentWindow: true});
					return await chrome.action.getBadgeText({tabId: tab.id}) + ", " + await chrome.action.getTitle({tabId: tab.id})`, &badge)
				return badge == "off, Userlike Inspector: Recording is paused."
			})
		}
		popup.click(t, "Resume this tab")
		popup.says(t, "Pause this tab")
		popup.close(t)
		resumed := page.count() + 1
		page.goOn(t, 5)
		page.pause(t)
		recorded = append(recorded, sequence(resumed, page.count())...)
		b.demandPaused(t, page, recorded, lost)

		b.press(t, page, "Pause "+site, "Recording is paused.")
		left := b.visit(t, false) // of the same site
		left.goOn(t, 5)
		left.pause(t)
		left.leave(t)
		lost += left.count()
		b.demandPaused(t, left, nil, lost)
		closed := b.visit(t, true)
		closed.goOn(t, 5)
		closed.pause(t)
		b.closeTab(t, b.site.URL+closed.path)
		lost += closed.count()
		b.demandPaused(t, closed, nil, lost)
		b.press(t, page, "Resume "+site, "Pause "+site)
		resumed = page.count() + 1
		page.goOn(t, 5)
		page.pause(t)
		recorded = append(recorded, sequence(resumed, page.count())...)
		b.demandPaused(t, page, recorded, lost)
		for _, r := range b.all(t) {
			line, err := record.Encode(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{left.path, closed.path} {
				if strings.Contains(string(line), secret) {
					t.Errorf("recorded of a paused page: %s", line)
				}
			}
		}
	})
}

func sequence(first, last int) []string {
	var names []string
	for n := first; n <= last; n++ {
		names = append(names, strconv.Itoa(n))
	}
	return names
}

// press opens the popup on a page, clicks a button, and waits until the popup says a text.
func (b *victim) press(t *testing.T, page *stream, button, says string) {
	t.Helper()
	popup := b.openPopup(t, b.site.URL+page.path)
	popup.click(t, button)
	popup.says(t, says)
	popup.close(t)
}

// demandPaused waits until the recording has the calls in want of a page, and gaps of
// wantLost calls in all. A gap may have nothing of its page but the site.
func (b *victim) demandPaused(t *testing.T, page *stream, want []string, wantLost int) {
	t.Helper()
	var got []string
	var lost int64
	defer func() { t.Logf("%s: %d calls, %d counted", page.path, len(got), lost) }()
	b.await(t, fmt.Sprintf("%d calls of %s, %d counted in all", len(want), page.path, wantLost), func() bool {
		got, lost = nil, 0
		records := b.all(t)
		// Records may arrive in another order, if some had to wait until the host had started.
		slices.SortStableFunc(records, func(a, b *record.Record) int { return cmp.Compare(a.Seq, b.Seq) })
		for _, r := range records {
			switch {
			case r.Kind == record.Call && r.URL == b.site.URL+page.path:
				got = append(got, r.EventName())
			case r.Kind == record.Gap:
				lost += r.Lost
				if r.Why != "paused by the tester" || r.URL != b.site.URL || r.Title != "" {
					t.Fatalf("a gap of %d calls, %s, %q: %s", r.Lost, r.URL, r.Title, r.Why)
				}
			}
		}
		return len(got) == len(want) && lost == int64(wantLost)
	})
	if !slices.Equal(got, want) {
		t.Fatalf("recorded are the calls %s, want %s", strings.Join(got, " "), strings.Join(want, " "))
	}
}

// closeTab closes the tab of a page.
func (b *victim) closeTab(t *testing.T, address string) {
	t.Helper()
	if b.kind == "firefox-esr" {
		b.firefox(t, `
			const {gBrowser} = Services.wm.getMostRecentWindow("navigator:browser");
			gBrowser.removeTab(gBrowser.tabs.findLast((tab) => tab.linkedBrowser.currentURI.spec === `+quote(address)+`))`)
		return
	}
	for _, id := range b.targets(t, "page", address) {
		b.debug(t, "Target.closeTarget", map[string]any{"targetId": id})
	}
}
