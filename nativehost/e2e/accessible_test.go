//go:build browsers && linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/browser"
)

// The extension's popup and options are accessible, in English and German, light and dark:
// axe finds no barrier (it also computes contrasts), the Tab key reaches all controls in
// the order of reading, nothing must be scrolled sideways, and no text is missing.
func TestAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../../.ci/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("%v: run .ci/run, or npm ci --prefix .ci", err)
	}
	for language, words := range map[string]struct{ pause, saved, problem, failing, marked string }{
		"en": {
			pause:   "Pause this tab",
			saved:   "Saved.",
			problem: "Write a whole number from 4 to 200.",
			failing: "The browser does not know the host.",
			marked:  "Not saved: see what is marked below.",
		},
		"de": {
			pause:   "Diesen Tab pausieren",
			saved:   "Gespeichert.",
			problem: "Eine ganze Zahl von 4 bis 200 schreiben.",
			failing: "Der Browser kennt den Host nicht.",
			marked:  "Nicht gespeichert: siehe die Hinweise unten.",
		},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			b := launchVictim(t, "chromium")
			b.speak(t, language)
			page := b.visit(t, false)
			page.goOn(t, 8)
			page.pause(t)
			address := b.site.URL + page.path

			popup := b.openPopup(t, address)
			popup.says(t, words.pause)
			popup.check(t, string(axe), language+"-popup-well", "options", "pause-tab", "pause-site", "stand-in")
			popup.click(t, words.pause)
			popup.await(t, "#counts.paused")
			popup.check(t, string(axe), language+"-popup-paused", "options", "pause-tab", "stand-in")
			popup.close(t)
			remove(t, filepath.Join(b.profile, "NativeMessagingHosts", browser.ManifestFile))
			b.stopBackground(t)
			popup = b.openPopup(t, address)
			popup.says(t, words.failing)
			popup.check(t, string(axe), language+"-popup-failing", "options", "pause-tab", "stand-in")
			popup.close(t)

			options := b.openOptions(t)
			options.enter(t, "block", "https://bank.example/*")
			options.says(t, words.saved)
			options.check(t, string(axe), language+"-options-well",
				"block", "allow", "private", "follow", "trace", "string", "depth", "nodes", "size", "reset")
			options.enter(t, "depth", "many")
			options.says(t, words.problem, words.marked)
			options.check(t, string(axe), language+"-options-wrong")
		})
	}
}

// speak makes the extension use a language, by putting its texts in the place of the
// English ones: the browser may be installed in English alone.
func (b *victim) speak(t *testing.T, language string) {
	t.Helper()
	locales := filepath.Join(b.extension(), "_locales")
	words, err := os.ReadFile(filepath.Join(locales, language, "messages.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(locales, "en", "messages.json"), words, 0o600); err != nil {
		t.Fatal(err)
	}
	b.installExtension(t)
}

// check looks for barriers, light and dark, and presses the Tab key, which must stop at
// the elements with the ids in stops, in this order. name begins with the language.
func (p *extensionPage) check(t *testing.T, axe, name string, stops ...string) {
	t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		p.debug(t, "Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}})
		p.picture(t, name+"-"+scheme)
		var barriers []string
		p.eval(t, axe+`; const {violations, passes} = await axe.run();
			if (!passes.some((rule) => rule.id === "color-contrast")) return ["no contrast was computed"];
			return violations.map(({id, help, nodes}) => id + ": " + help + ": " + nodes.map((n) => n.html + " " + n.failureSummary).join("; "))`, &barriers)
		if barriers == nil {
			t.Fatalf("%s: axe did not run", name)
		}
		for _, barrier := range barriers {
			t.Errorf("%s, %s: %s", name, scheme, barrier)
		}
	}
	var wide int
	p.eval(t, `return document.documentElement.scrollWidth - document.documentElement.clientWidth`, &wide)
	if wide > 0 {
		t.Errorf("%s: %d px are outside", name, wide)
	}
	p.eval(t, `document.activeElement?.blur()`, new(any))
	for _, stop := range stops {
		for _, what := range []string{"rawKeyDown", "keyUp"} {
			p.debug(t, "Input.dispatchKeyEvent", map[string]any{"type": what, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9})
		}
		var at struct {
			ID      string
			Outline string
			Label   string
		}
		p.eval(t, `const e = document.activeElement;
			return {id: e.id, outline: getComputedStyle(e).outlineStyle, label: (e.labels?.[0] ?? e).textContent.trim()}`, &at)
		if at.ID != stop || at.Outline == "none" || at.Label == "" {
			t.Errorf("%s: the Tab key stops at %q (outline %s, label %q), want %q", name, at.ID, at.Outline, at.Label, stop)
		}
	}
	var silent []string
	p.eval(t, `return [...document.querySelectorAll("[data-say]")].filter((e) => e.textContent === "").map((e) => e.dataset.say)`, &silent)
	if len(silent) > 0 {
		t.Errorf("%s: no words for %s", name, strings.Join(silent, ", "))
	}
	var language string
	p.eval(t, `return document.documentElement.lang`, &language)
	if want, _, _ := strings.Cut(name, "-"); language != want {
		t.Errorf("%s: the page's language is %q", name, language)
	}
}
