package install_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/install"
	"userlike-inspector/nativehost/internal/winreg"
)

// Files of others at this program's own places are renamed when installing, and stay when
// uninstalling, whatever their name.
func TestForeignFiles(t *testing.T) {
	for name, file := range map[string]string{
		"a program of the same name":  "data/bin/userlike-inspector",
		"a folder of the same name":   "data/extension/mine.txt",
		"another extension":           "data/extension/manifest.json",
		"a file in the folder's name": "data/extension",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, "linux", "home")
			path := filepath.Join(p.home, file)
			write(t, path, `{"name": "mine"}`)
			if err := errors.Join(p.Unregister(p.targets(t)), p.RemoveFiles()); err != nil {
				t.Error(err)
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != `{"name": "mine"}` {
				t.Fatalf("uninstalling touched it: %q, %v", b, err)
			}
			if !strings.Contains(strings.Join(p.steps, "\n"), "left ") {
				t.Errorf("not said: %q", p.steps)
			}
			if err := p.Install(p.targets(t)); err != nil {
				t.Fatal(err)
			}
			kept := false
			for _, content := range p.files(t) {
				kept = kept || content == `{"name": "mine"}`
			}
			if !kept {
				t.Error("installing lost it")
			}
			p.steps = nil
			if err := errors.Join(p.Unregister(p.targets(t)), p.RemoveFiles()); err != nil {
				t.Error(err)
			}
			kept = false
			for _, content := range p.files(t) {
				kept = kept || content == `{"name": "mine"}`
			}
			if !kept {
				t.Error("uninstalling lost it")
			}
		})
	}
}

// A purge removes what hosts and sessions have left, and no other files.
func TestForeignBesidePurged(t *testing.T) {
	p := newPlace(t, "linux", "home")
	contacts := filepath.Join(p.home, "contacts")
	own, mine := filepath.Join(contacts, "7e8f4a52-2f4f-4a6c-9be5-6f3f3a1f0c11.json"), filepath.Join(contacts, "friends.json")
	write(t, own, "{}")
	write(t, mine, "{}")
	if err := p.Clear(contacts, contact.Remove); err != nil {
		t.Fatal(err)
	}
	files := p.files(t)
	if _, there := files[own]; there {
		t.Error("a contact is left")
	}
	if _, there := files[mine]; !there || !strings.Contains(strings.Join(p.steps, "\n"), "left "+mine) {
		t.Errorf("somebody's file: %v, said %q", files, p.steps)
	}
}

// On Windows browsers share a manifest. It is removed with the last registry key that names
// it.
func TestSharedManifest(t *testing.T) {
	p := newPlace(t, "windows", "home")
	all := p.targets(t)
	if err := p.Install(all); err != nil {
		t.Fatal(err)
	}
	kind, err := browser.Named("chrome")
	if err != nil {
		t.Fatal(err)
	}
	chrome, err := p.Targets([]browser.Kind{kind})
	if err != nil {
		t.Fatal(err)
	}
	// A dry run says what is done then.
	said := func(targets []install.Target) (steps []string) {
		p.steps = nil
		if err := p.Unregister(targets); err != nil {
			t.Fatal(err)
		}
		for _, step := range p.steps {
			steps = append(steps, strings.Replace(step, "would remove", "removed", 1))
		}
		return steps
	}
	alike := func(targets []install.Target, wants ...string) {
		t.Helper()
		p.DryRun = true
		would := said(targets)
		p.DryRun = false
		if did := said(targets); !slices.Equal(would, did) {
			t.Errorf("it would say %q, and says %q", would, did)
		}
		for _, want := range wants {
			if !slices.ContainsFunc(would, func(step string) bool { return strings.HasPrefix(step, want) }) {
				t.Errorf("%q is not said in %q", want, would)
			}
		}
	}
	alike(chrome, "left "+chrome[0].Manifest)
	for _, target := range all {
		if target.Key != chrome[0].Key {
			p.check(t, target)
		}
	}
	alike(all, "removed "+chrome[0].Manifest)
	if slices.ContainsFunc(p.steps, func(step string) bool { return strings.HasPrefix(step, "left") }) {
		t.Errorf("what is removed is said to be left: %q", p.steps)
	}
	if _, err := os.Stat(chrome[0].Manifest); !os.IsNotExist(err) {
		t.Errorf("the manifest is left: %v", err)
	}
}

// On Windows a browser reads the first of its keys that is there, and that is where to look
// for what is wrong.
func TestAsked(t *testing.T) {
	brave, err := browser.Named("brave")
	if err != nil {
		t.Fatal(err)
	}
	chromium, chrome := browser.HostKey(`Chromium`), browser.HostKey(`Google\Chrome`)
	for name, tt := range map[string]struct {
		there []string
		want  string
	}{
		"nothing":     {nil, chromium},
		"the second":  {[]string{chrome}, chrome},
		"both":        {[]string{chrome, chromium}, chromium},
		"the others'": {[]string{browser.HostKey(`Mozilla`)}, chromium},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, "windows", "home")
			for _, key := range tt.there {
				if err := p.Registry.Set(key, winreg.Value{Text: `C:\x`}); err != nil {
					t.Fatal(err)
				}
			}
			asked, err := p.Asked([]browser.Kind{brave})
			if err != nil || len(asked) != 1 || asked[0].Key != tt.want {
				t.Errorf("%+v, %v, want %s", asked, err, tt.want)
			}
		})
	}
}

// On Windows a browser does not look for hosts in its profile, so nothing is written there.
func TestWindowsProfile(t *testing.T) {
	p := newPlace(t, "windows", "home")
	p.Profile = filepath.Join(p.home, "profile")
	targets := p.targets(t)
	if err := p.Install(targets); err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if target.Family != browser.Chromium || target.Key == "" {
			t.Errorf("target %+v", target)
		}
		p.check(t, target)
	}
	if _, err := os.Stat(p.Profile); !os.IsNotExist(err) {
		t.Errorf("the profile was written to: %v", err)
	}
}
