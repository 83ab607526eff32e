//go:build browsers

package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// Browsers can start the program from a folder whose name has all kinds of characters.
func TestInstalledHost(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		p.home = filepath.Join(p.home, `two words, "Zoë" 日本 100%PATH% <&>`)
		p.run(t, 0, "install", "--browser", p.browser)
		p.run(t, 0, "doctor", "--browser", p.browser)
		installed := exec.Command(filepath.Join(p.home, ".local/share/userlike-inspector/bin/userlike-inspector"),
			"inspect", "--headless", "--browser", p.browser, "--until-idle", "4s", "--fail-on", "never", "--store", p.store)
		installed.Env = append(os.Environ(), "HOME="+p.home, "XDG_CACHE_HOME="+t.TempDir())
		if out, err := installed.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, tail(out))
		}
		if len(p.calls(t)) == 0 {
			t.Error("no call was recorded")
		}
	})
}

// doctor lists the extensions that have reached a host, also one that was refused. It does
// not list those of an inspection, which have ended with it.
func TestHeardByHost(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := &product{home: home, store: filepath.Join(home, "events.db")}
	say := func(profile string, protocol int, env ...string) {
		var hello bytes.Buffer
		err := wire.WriteFrame(&hello, wire.FromExtension{
			Type: wire.Hello, Protocol: protocol, Extension: "0.0.7", Browser: &record.Browser{Name: "Chromium", Version: "156.0", Profile: profile},
		})
		if err != nil {
			t.Fatal(err)
		}
		host := exec.Command(self(t), "chrome-extension://"+extension.ChromiumID+"/")
		host.Env = append(os.Environ(), "HOME="+home)
		host.Env = append(host.Env, env...)
		host.Stdin = &hello
		if out, err := host.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	say("7e8f4a52-2f4f-4a6c-9be5-6f3f3a1f0c11", wire.Protocol)
	say("0b7c9d8e-5a6f-4f0e-8d3c-2b1a09f8e7d6", wire.Protocol+1)
	say("5d1c6f0a-94a3-4b57-8f4e-1f0c117e8f4a", wire.Protocol, contact.SessionVariable+"="+t.TempDir())
	var report struct {
		Checks []struct{ What, Which, State string }
	}
	if err := json.Unmarshal(p.run(t, 1, "doctor", "--format", "json"), &report); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range report.Checks {
		if c.What == "contact" {
			got = append(got, c.State+" "+c.Which)
		}
	}
	slices.Sort(got)
	want := []string{
		"extension-new Chromium 156.0, profile 0b7c9d8e-5a6f-4f0e-8d3c-2b1a09f8e7d6",
		"fine Chromium 156.0, profile 7e8f4a52-2f4f-4a6c-9be5-6f3f3a1f0c11",
	}
	if !slices.Equal(got, want) {
		t.Errorf("contacts\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
