//go:build unix

package doctor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/cli"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/doctor"
	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/install"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/wire"
)

// asProduct makes the test's binary act as the product after it was installed.
const asProduct = "DOCTOR_TEST_AS_PRODUCT"

func TestMain(m *testing.M) {
	if os.Getenv(asProduct) != "" {
		os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

var now = time.Date(2026, 11, 22, 10, 13, 5, 0, time.UTC)

// healthy is an installation in which all is well, with a record in its store.
func healthy(t *testing.T, folder string) doctor.Options {
	t.Helper()
	home := filepath.Join(t.TempDir(), folder)
	t.Setenv(asProduct, "1")
	t.Setenv("HOME", home)
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "USERLIKE_INSPECTOR_STORE", contact.SessionVariable} {
		t.Setenv(name, "")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := doctor.Options{
		Log: "/state/host.log",
		Installer: &install.Installer{
			System: browser.Here(), Data: filepath.Join(home, ".local", "share", "userlike-inspector"), Program: self,
			Say: func(string, string) {},
		},
		Store:    filepath.Join(home, "events.db"),
		Contacts: filepath.Join(home, "contacts"),
		Now:      func() time.Time { return now },
		Patience: 30 * time.Second,
	}
	for _, name := range []string{"chromium", "firefox"} {
		k, err := browser.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		o.Browsers = append(o.Browsers, browser.Browser{Kind: k, Path: "/usr/bin/" + name})
	}
	if err := o.Installer.Install(targets(t, o)); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), o.Store)
	if err != nil {
		t.Fatal(err)
	}
	mark := &record.Record{V: record.Version, Kind: record.Mark, ID: "m/1", Seq: 1, Time: record.At(now), Text: "a"}
	if _, err := s.Append(t.Context(), []*record.Record{mark}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	heard(t, o, extension.Version, wire.Protocol)
	return o
}

func targets(t *testing.T, o doctor.Options) []install.Target {
	t.Helper()
	var kinds []browser.Kind
	for _, b := range o.Browsers {
		kinds = append(kinds, b.Kind)
	}
	targets, err := o.Installer.Targets(kinds)
	if err != nil {
		t.Fatal(err)
	}
	return targets
}

func heard(t *testing.T, o doctor.Options, version string, protocol int) {
	t.Helper()
	err := contact.Note(o.Contacts, contact.Contact{
		Browser:   record.Browser{Name: "Chromium", Version: "156.0", Profile: "7e8f4a52-2f4f-4a6c-9be5-6f3f3a1f0c11"},
		Extension: version, Protocol: protocol, Host: extension.Version, At: record.At(now.Add(-3 * time.Hour)),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
}

// states are the states that were found, without those that are fine.
func states(r *doctor.Report) []glossary.Code {
	var list []glossary.Code
	for _, c := range r.Checks {
		if c.State != glossary.Fine {
			list = append(list, c.State)
		}
	}
	return list
}

// A healthy installation has no broken check, wherever the home folder is.
func TestHealthy(t *testing.T) {
	for _, folder := range []string{"home", "two words", `it's "quoted"`, "Zoë 日本", "100%PATH%", `back\slash`, "<&>"} {
		t.Run(folder, func(t *testing.T) {
			o := healthy(t, folder)
			r, err := doctor.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Broken > 0 || len(states(r)) > 0 {
				t.Errorf("found %+v", r.Checks)
			}
			var said []string
			for _, c := range r.Checks {
				said = append(said, c.What+" "+c.Which+" "+c.Text)
			}
			all := strings.Join(said, "\n")
			for _, want := range []string{
				"host Chromium " + o.Installer.Host() + " answers, version " + extension.Version,
				"host Firefox " + o.Installer.Host() + " answers",
				"contact Chromium 156.0, profile 7e8f4a52-2f4f-4a6c-9be5-6f3f3a1f0c11 It was heard: extension " + extension.Version + ", heard 3 hours ago.",
				"Records in it: 1.",
			} {
				if !strings.Contains(all, want) {
					t.Errorf("%q is not said in\n%s", want, all)
				}
			}
		})
	}
}

// manifest changes Chromium's manifest.
func manifest(change func(m map[string]any)) func(*testing.T, *doctor.Options) {
	return func(t *testing.T, o *doctor.Options) {
		file := targets(t, *o)[0].Manifest
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		if b, err = json.Marshal(m); err != nil {
			t.Fatal(err)
		}
		write(t, file, string(b))
	}
}

// program replaces the host.
func program(script string) func(*testing.T, *doctor.Options) {
	return func(t *testing.T, o *doctor.Options) { write(t, o.Installer.Host(), script) }
}

// answering is a host that always gives the same answer.
func answering(m any) func(*testing.T, *doctor.Options) {
	return func(t *testing.T, o *doctor.Options) {
		var frame bytes.Buffer
		if err := wire.WriteFrame(&frame, m); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(o.Installer.Data, "answer")
		write(t, file, frame.String())
		write(t, o.Installer.Host(), fmt.Sprintf("#!/bin/sh\nexec cat '%s'\n", file))
	}
}

// inOne is a state of one check.
func inOne(c glossary.Code) []glossary.Code { return []glossary.Code{c} }

// inBoth is a state of the checks of both browsers, which use the same host.
func inBoth(c glossary.Code) []glossary.Code { return []glossary.Code{c, c} }

// breakages are ways to break an installation, and what doctor finds then.
var breakages = []struct {
	name  string
	spoil func(t *testing.T, o *doctor.Options)
	want  []glossary.Code
	says  string
}{
	{
		name:  "no manifest",
		spoil: func(t *testing.T, o *doctor.Options) { os.Remove(targets(t, *o)[0].Manifest) },
		want:  inOne(glossary.HostMissing),
		says:  "chromium/NativeMessagingHosts",
	},
	{
		name:  "manifest cut off",
		spoil: func(t *testing.T, o *doctor.Options) { write(t, targets(t, *o)[0].Manifest, `{"name":`) },
		want:  inOne(glossary.HostInvalid),
		says:  "not the JSON of a host manifest",
	},
	{"manifest is a folder", func(t *testing.T, o *doctor.Options) {
		file := targets(t, *o)[0].Manifest
		os.Remove(file)
		os.Mkdir(file, 0o700)
	}, inOne(glossary.HostInvalid), "it is a folder"},
	{
		name:  "somebody else's manifest",
		spoil: manifest(func(m map[string]any) { m["description"] = "another" }),
		want:  inOne(glossary.HostForeign),
		says:  "userlike_inspector.json",
	},
	{"wrong type", manifest(func(m map[string]any) { m["type"] = "pkcs11" }), inOne(glossary.HostInvalid), `"pkcs11"`},
	{"relative path", manifest(func(m map[string]any) { m["path"] = "bin/host" }), inOne(glossary.HostInvalid), "not an absolute path"},
	{
		name:  "another extension",
		spoil: manifest(func(m map[string]any) { m["allowed_origins"] = []string{"chrome-extension://abc/"} }),
		want:  inOne(glossary.HostForbidden),
	},
	{
		name:  "program moved",
		spoil: manifest(func(m map[string]any) { m["path"] = "/nonexistent/host" }),
		want:  inOne(glossary.HostGone),
		says:  "/nonexistent/host",
	},
	{
		name:  "program deleted",
		spoil: func(t *testing.T, o *doctor.Options) { os.Remove(o.Installer.Host()) },
		want:  inBoth(glossary.HostGone),
		says:  "moved or deleted",
	},
	{
		name:  "program not executable",
		spoil: func(t *testing.T, o *doctor.Options) { os.Chmod(o.Installer.Host(), 0o600) },
		want:  inBoth(glossary.HostUnusable),
		says:  "not an executable",
	},
	{"program of another machine", program("\x7fELF nonsense"), inBoth(glossary.HostUnusable), "it is no program for this system"},
	{"program ends", program("#!/bin/sh\necho no library >&2\nexit 3\n"), inBoth(glossary.HostCrashed), `it ended with code 3: "no library"; its log is "/state/host.log"`},
	{"program ends in peace", program("#!/bin/sh\n"), inBoth(glossary.HostCrashed), "it ended"},
	{"program talks", program("#!/bin/sh\necho Welcome to the shell\ncat\n"), inBoth(glossary.HostCrashed), "is announced"},
	{"program is silent", func(t *testing.T, o *doctor.Options) {
		program("#!/bin/sh\nexec sleep 1000\n")(t, o)
		o.Patience = 200 * time.Millisecond
	}, inBoth(glossary.HostSilent), "said nothing in 200ms"},
	{
		name:  "another version",
		spoil: answering(wire.FromHost{Type: wire.Welcome, Protocol: 1, Host: "0.0.9"}),
		want:  inBoth(glossary.HostOther),
		says:  "is version 0.0.9, this is " + extension.Version,
	},
	{
		name:  "another protocol",
		spoil: answering(wire.FromHost{Type: wire.Refused, Protocol: 2, Host: "9.0.0", Update: "extension", Message: "Update the extension."}),
		want:  inBoth(glossary.HostOther),
		says:  "Update the extension.",
	},
	{"another language", answering(map[string]any{"type": "greetings"}), inBoth(glossary.HostCrashed), `"greetings"`},
	{"no JSON", answering(17), inBoth(glossary.HostCrashed), `"17"`},

	{
		name:  "no extension",
		spoil: func(t *testing.T, o *doctor.Options) { os.RemoveAll(o.Installer.Extension()) },
		want:  inOne(glossary.ExtensionIncomplete),
		says:  "background.js and ",
	},
	{
		name:  "part of the extension",
		spoil: func(t *testing.T, o *doctor.Options) { os.Remove(filepath.Join(o.Installer.Extension(), "hook.js")) },
		want:  inOne(glossary.ExtensionIncomplete),
		says:  "lacks hook.js",
	},
	{"older extension", func(t *testing.T, o *doctor.Options) {
		write(t, filepath.Join(o.Installer.Extension(), "manifest.json"), "{}")
	}, inOne(glossary.ExtensionIncomplete), "another version of manifest.json"},
	{"never heard", func(t *testing.T, o *doctor.Options) { os.RemoveAll(o.Contacts) }, inOne(glossary.ExtensionUnheard), ""},
	{
		name:  "old extension heard",
		spoil: func(t *testing.T, o *doctor.Options) { heard(t, *o, "0.0.1", wire.Protocol-1) },
		want:  inOne(glossary.ExtensionOld),
		says:  "0.0.1",
	},
	{
		name:  "new extension heard",
		spoil: func(t *testing.T, o *doctor.Options) { heard(t, *o, "9.0.0", wire.Protocol+1) },
		want:  inOne(glossary.ExtensionNew),
		says:  "9.0.0",
	},
	{
		name:  "contact damaged",
		spoil: func(t *testing.T, o *doctor.Options) { write(t, filepath.Join(o.Contacts, "x.json"), "{") },
		want:  inOne(glossary.ExtensionUnheard),
		says:  "x.json",
	},

	{"store open to others", func(t *testing.T, o *doctor.Options) { os.Chmod(o.Store, 0o644) }, inOne(glossary.StoreOpen), "0644"},
	{
		name:  "not a store",
		spoil: func(t *testing.T, o *doctor.Options) { write(t, o.Store, "a text that is no database at all") },
		want:  inOne(glossary.StoreUnusable),
		says:  "not a recording",
	},
	{
		name:  "store's folder is a file",
		spoil: func(t *testing.T, o *doctor.Options) { o.Store = filepath.Join(o.Store, "events.db") },
		want:  inOne(glossary.StoreUnusable),
		says:  "a part of its path is a file",
	},

	{
		name:  "confined",
		spoil: func(t *testing.T, o *doctor.Options) { o.Browsers[1].Confined = "Snap" },
		want:  inOne(glossary.BrowserConfined),
		says:  "Snap package",
	},
}

// Everything that can be broken is found, named and has a remedy, and nothing else is
// reported.
func TestBroken(t *testing.T) {
	for _, tt := range breakages {
		t.Run(tt.name, func(t *testing.T) {
			o := healthy(t, "home")
			tt.spoil(t, &o)
			r, err := doctor.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if got := states(r); !slices.Equal(got, tt.want) {
				t.Errorf("found %q, want %q: %+v", got, tt.want, r.Checks)
			}
			broken := 0
			for _, c := range r.Checks {
				if c.State == glossary.Fine {
					continue
				}
				if !strings.Contains(c.Text, tt.says) || c.Remedy == "" {
					t.Errorf("%q, remedy %q; want %q", c.Text, c.Remedy, tt.says)
				}
				t.Log(c.Text)
				if c.Broken {
					broken++
				}
			}
			if r.Broken != broken {
				t.Errorf("%d are broken, the report says %d", broken, r.Broken)
			}
		})
	}
}

// Before the first record there is no file, and that is fine.
func TestNothingRecorded(t *testing.T) {
	o := healthy(t, "home")
	o.Store = filepath.Join(t.TempDir(), "a", "b", "events.db")
	r, err := doctor.Run(t.Context(), o)
	if err != nil || len(states(r)) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := os.Stat(filepath.Dir(o.Store)); !os.IsNotExist(err) {
		t.Errorf("doctor made the folder: %v", err)
	}
}

// TestInstalled: there is an installation as soon as the host is registered with one
// browser, whatever is wrong with it.
func TestInstalled(t *testing.T) {
	o := healthy(t, "home")
	run := func() *doctor.Report {
		t.Helper()
		r, err := doctor.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	all := targets(t, o)
	for i, target := range all {
		if !run().Installed() {
			t.Errorf("%d of %d browsers know the host, and none is said to", len(all)-i, len(all))
		}
		if i == len(all)-1 {
			write(t, target.Manifest, "no JSON")
			if !run().Installed() {
				t.Error("a broken registration is said to be none")
			}
		}
		if err := os.Remove(target.Manifest); err != nil {
			t.Fatal(err)
		}
	}
	if r := run(); r.Installed() {
		t.Errorf("no browser knows the host, and one is said to: %+v", r.Checks)
	}
}
