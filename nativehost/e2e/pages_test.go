//go:build browsers && linux

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/extension"
)

// extensionPage is the extension's popup or its page of options, open in a browser.
type extensionPage struct {
	b       *victim
	name    string // its file's name, such as "popup.html"
	session string // Chromium's debugging session that is attached to it
	target  string // Chromium's id of the page
}

// openPopup opens the extension's popup as its button does, on the newest tab with an
// address.
func (b *victim) openPopup(t *testing.T, address string) *extensionPage {
	t.Helper()
	p := &extensionPage{b: b, name: "popup.html"}
	if b.kind == "firefox-esr" {
		b.firefox(t, `
			const {ExtensionParent} = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
			const w = Services.wm.getMostRecentWindow("navigator:browser");
			const {extension} = WebExtensionPolicy.getByID(id);
			w.gBrowser.selectedTab = w.gBrowser.tabs.findLast((tab) => tab.linkedBrowser.currentURI.spec === `+quote(address)+`);
			await ExtensionParent.apiManager.global.browserActionFor(extension).openPopup(w, true)`)
		p.await(t, "#hops li")
		return p
	}
	targets := b.targets(t, "tab", address)
	if len(targets) == 0 {
		t.Fatalf("no page of %s is open", address)
	}
	b.debug(t, "Extensions.triggerAction", map[string]any{"id": extension.ChromiumID, "targetId": targets[0]})
	p.attach(t)
	p.await(t, "#hops li")
	return p
}

// openOptions opens the page of options in a tab.
func (b *victim) openOptions(t *testing.T) *extensionPage {
	t.Helper()
	p := &extensionPage{b: b, name: "options.html"}
	if b.kind == "firefox-esr" {
		b.firefox(t, `
			const w = Services.wm.getMostRecentWindow("navigator:browser");
			const {extension} = WebExtensionPolicy.getByID(id);
			w.gBrowser.selectedTab = w.gBrowser.addTab(extension.baseURI.resolve("options.html"), {
				triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal(),
			})`)
	} else {
		b.debug(t, "Target.createTarget", map[string]any{"url": "chrome-extension://" + extension.ChromiumID + "/options.html"})
		p.attach(t)
	}
	p.await(t, "#private-access:not(:empty)")
	return p
}

// attach attaches Chromium's debugger to the page, once it is open.
func (p *extensionPage) attach(t *testing.T) {
	t.Helper()
	address := "chrome-extension://" + extension.ChromiumID + "/" + p.name
	p.b.await(t, p.name+" is open", func() bool {
		for _, kind := range []string{"page", "other"} {
			if found := p.b.targets(t, kind, address); len(found) > 0 {
				p.target = found[0]
				return true
			}
		}
		return false
	})
	var attached struct{ SessionID string }
	p.decode(t, p.b.debug(t, "Target.attachToTarget", map[string]any{"targetId": p.target, "flatten": true}), &attached)
	p.session = attached.SessionID
}

// close closes the popup.
func (p *extensionPage) close(t *testing.T) {
	t.Helper()
	p.eval(t, "window.close()", new(any))
	p.b.await(t, p.name+" is closed", func() bool {
		if p.b.kind == "firefox-esr" {
			var there any
			p.eval(t, "return true", &there)
			return there == nil
		}
		return len(p.b.targets(t, "page", "chrome-extension://"+extension.ChromiumID+"/"+p.name)) == 0
	})
}

// await waits until the page has an element that matches a selector.
func (p *extensionPage) await(t *testing.T, selector string) {
	t.Helper()
	p.b.await(t, p.name+" has "+selector, func() bool {
		var there bool
		p.eval(t, "return document.querySelector("+quote(selector)+") !== null", &there)
		return there
	})
}

// says waits until the page shows all of the texts.
func (p *extensionPage) says(t *testing.T, texts ...string) {
	t.Helper()
	last := ""
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s said last:\n%s", p.name, last)
		}
	})
	for _, text := range texts {
		p.b.await(t, p.name+" says "+quote(text), func() bool {
			last = p.text(t)
			return strings.Contains(last, text)
		})
	}
	last = ""
}

// click clicks the visible button with a text, once there is one.
func (p *extensionPage) click(t *testing.T, text string) {
	t.Helper()
	p.b.await(t, p.name+" has a button "+quote(text), func() bool {
		var done bool
		p.eval(t, `const buttons = [...document.querySelectorAll("button")];
			const button = buttons.find((b) => b.checkVisibility() && b.textContent === `+quote(text)+`);
			button?.click();
			return button !== undefined`, &done)
		return done
	})
}

// enter replaces the text of the field with an id, as if it was typed.
func (p *extensionPage) enter(t *testing.T, id, text string) {
	t.Helper()
	var done bool
	p.eval(t, `const field = document.getElementById(`+quote(id)+`);
		field.value = `+quote(text)+`;
		field.dispatchEvent(new window.Event("input", {bubbles: true}));
		return true`, &done)
	if !done {
		t.Fatalf("%s has no field %s", p.name, id)
	}
}

// eval runs the body of an async function in the page and decodes the JSON of what it
// returns into result. It is null if the page is not there yet or the function throws.
func (p *extensionPage) eval(t *testing.T, body string, result any) {
	t.Helper()
	code := "(async () => {" + body + "})()"
	if p.b.kind == "firefox-esr" {
		answer := p.b.debug(t, fmt.Sprintf(`(async (id, name, code) => {
			const address = WebExtensionPolicy.getByID(id).extension.baseURI.resolve(name);
			const browsers = [...Services.wm.getEnumerator("navigator:browser")].flatMap((w) => [...w.document.querySelectorAll("browser")]);
			const browser = browsers.find((b) => b.currentURI?.spec === address);
			if (!browser) return "null";
			// A script is lost if the browser replaces the page while it is loading. So there is a
			// limit after which the caller tries again.
			const w = Services.wm.getMostRecentWindow("navigator:browser");
			const late = new Promise((resolve) => w.setTimeout(resolve, 3000, "null"));
			const answer = new Promise((resolve) => {
				browser.messageManager.addMessageListener("pages-test", function heard(m) {
					browser.messageManager.removeMessageListener("pages-test", heard);
					resolve(m.data);
				});
				const script = "const {document} = content, window = content;" +
					"const say = (v) => sendAsyncMessage('pages-test', JSON.stringify(v));" +
					code + ".then((v) => say(v === undefined ? null : v), (e) => say({error: String(e)}))";
				const source = "data:text/javascript;charset=utf-8," + encodeURIComponent("{" + script + "}");
				browser.messageManager.loadFrameScript(source, false);
			});
			return await Promise.race([late, answer]);
		})(%s, %s, %s).then(String, (e) => JSON.stringify({error: String(e)}))`, quote(extension.FirefoxID), quote(p.name), quote(code)), nil)
		var failed struct{ Error string }
		if json.Unmarshal([]byte(answer), &failed) == nil && failed.Error != "" {
			t.Log(failed.Error)
			answer = "null"
		}
		p.decode(t, answer, result)
		return
	}
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	p.decode(t, p.debug(t, "Runtime.evaluate", map[string]any{"expression": code, "awaitPromise": true, "returnByValue": true}), &answer)
	if answer.ExceptionDetails != nil || answer.Result.Value == nil {
		answer.Result.Value = json.RawMessage("null")
	}
	p.decode(t, string(answer.Result.Value), result)
}

// debug gives Chromium a command for this page.
func (p *extensionPage) debug(t *testing.T, command string, params map[string]any) string {
	t.Helper()
	answer, err := p.b.session.DebugIn(t.Context(), p.session, command, params)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func (p *extensionPage) decode(t *testing.T, answer string, result any) {
	t.Helper()
	if err := json.Unmarshal([]byte(answer), result); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen: every string has JSON
	}
	return string(b)
}

func (p *extensionPage) text(t *testing.T) string {
	t.Helper()
	var text string
	p.eval(t, `return document.body.innerText`, &text)
	return text
}

// pictures lets a person look at the pages that these tests open.
var pictures = flag.String("pictures", "", "put pictures of the extension's popup and options into `DIR`")

// picture writes a picture of the page, if -pictures asks for that.
func (p *extensionPage) picture(t *testing.T, name string) {
	t.Helper()
	if *pictures == "" {
		return
	}
	if p.b.kind == "firefox-esr" {
		p.b.firefox(t, fmt.Sprintf(`
			const address = WebExtensionPolicy.getByID(id).extension.baseURI.resolve(%s);
			const windows = [...Services.wm.getEnumerator("navigator:browser")];
			const browsers = windows.flatMap((w) => [...w.document.querySelectorAll("browser")]);
			const browser = browsers.find((b) => b.currentURI?.spec === address);
			const bitmap = await browser.browsingContext.currentWindowGlobal.drawSnapshot(null, 1, "white");
			const canvas = windows[0].document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
			[canvas.width, canvas.height] = [bitmap.width, bitmap.height];
			canvas.getContext("2d").drawImage(bitmap, 0, 0);
			const blob = await new Promise((resolve) => canvas.toBlob(resolve));
			await IOUtils.write(%s, new Uint8Array(await blob.arrayBuffer()))`, quote(p.name), quote(filepath.Join(*pictures, "firefox-"+name+".png"))))
		return
	}
	var shot struct{ Data string }
	p.decode(t, p.debug(t, "Page.captureScreenshot", map[string]any{}), &shot)
	b, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}
