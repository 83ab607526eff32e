package install_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/install"
	"userlike-inspector/nativehost/internal/winreg"
	"userlike-inspector/nativehost/internal/winreg/winregtest"
	"userlike-inspector/nativehost/internal/words"
)

// locked is a registry that an administrator has locked.
type locked struct{ winregtest.Registry }

func (locked) Set(string, winreg.Value) error { return errors.New("access is denied") }

// place is an installer with a home folder of its own.
type place struct {
	*install.Installer
	home  string
	steps []string
}

// newPlace makes an installer for a system. folder is the name of its home folder.
func newPlace(t *testing.T, goos, folder string) *place {
	t.Helper()
	home := filepath.Join(t.TempDir(), folder)
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(home, "downloaded")
	write(t, program, "#!/bin/sh\n")
	p := &place{home: home}
	system := browser.Here()
	system.GOOS, system.Home = goos, home
	system.Env = func(string) string { return "" }
	p.Installer = &install.Installer{
		System: system, Registry: winregtest.Registry{}, Data: filepath.Join(home, "data"), Program: program,
		Say: func(verb, what string) { p.steps = append(p.steps, verb+" "+what) },
	}
	return p
}

func (p *place) targets(t *testing.T) []install.Target {
	t.Helper()
	targets, err := p.Targets(browser.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	return targets
}

// files lists what is in the home, with contents.
func (p *place) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		all[path] = ""
		if d.Type().IsRegular() {
			b, err := os.ReadFile(path)
			all[path] = string(b)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
}

// awkward are names of home folders that wrong quoting or encoding would break.
var awkward = []string{"home", "two words", `it's "quoted"`, "Zoë 日本", "100%PATH%", `back\slash`, "<&>"}

// On every system, what is installed is right for every browser of the table, is found to be
// right the second time, and is gone after uninstalling. Nothing else is touched.
func TestInstall(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		for _, folder := range awkward {
			if runtime.GOOS == "windows" && strings.ContainsAny(folder, `"\<>`) {
				continue // no folder can have such a name there
			}
			t.Run(goos+"/"+strings.ReplaceAll(folder, "/", "_"), func(t *testing.T) {
				p := newPlace(t, goos, folder)
				before := p.files(t)
				targets := p.targets(t)

				p.DryRun = true
				if err := p.Install(targets); err != nil {
					t.Fatal(err)
				}
				if got := p.files(t); !maps.Equal(got, before) {
					t.Errorf("a dry run left %q", slices.Sorted(maps.Keys(got)))
				}
				p.DryRun = false
				if err := p.Install(targets); err != nil {
					t.Fatal(err)
				}
				for _, target := range targets {
					p.check(t, target)
				}
				if err := install.CheckExtension(p.Extension()); err != nil {
					t.Error(err)
				}
				if info, err := os.Stat(p.Host()); err != nil || !private(info, 0o700) {
					t.Errorf("the program: %v, %v", info, err)
				}

				installed := p.files(t)
				p.steps = nil
				if err := p.Install(targets); err != nil {
					t.Fatal(err)
				}
				for _, step := range p.steps {
					if !strings.HasPrefix(step, "is right ") {
						t.Errorf("the second time: %s", step)
					}
				}
				if !maps.Equal(p.files(t), installed) {
					t.Error("the second time changed something")
				}

				if err := errors.Join(p.Unregister(targets), p.RemoveFiles()); err != nil {
					t.Error(err)
				}
				if got := p.files(t); !maps.Equal(got, before) {
					t.Errorf("left after uninstalling: %q", slices.Sorted(maps.Keys(got)))
				}
				if r := p.Registry.(winregtest.Registry); len(r) > 0 {
					t.Errorf("left in the registry: %v", r)
				}
			})
		}
	}
}

// check checks that the browsers of a target find the host there.
func (p *place) check(t *testing.T, target install.Target) {
	t.Helper()
	if target.Key != "" && p.Registry.(winregtest.Registry)[target.Key].Text != target.Manifest {
		t.Errorf("%s is %q, want %q", target.Key, p.Registry.(winregtest.Registry)[target.Key].Text, target.Manifest)
	}
	b, err := os.ReadFile(target.Manifest)
	if err != nil {
		t.Error(err)
		return
	}
	var m browser.HostManifest
	if err := json.Unmarshal(b, &m); err != nil {
		t.Errorf("%s: %v", target.Manifest, err)
	}
	if m.Path != p.Host() || m.Name != extension.HostName || m.Type != "stdio" || !m.Allows(target.Family) {
		t.Errorf("%s: %+v", target.Manifest, m)
	}
	if info, err := os.Stat(target.Manifest); err != nil || !private(info, 0o600) {
		t.Errorf("%s: %v, %v", target.Manifest, info, err)
	}
}

// private tells whether a file has the mode. On Windows it is always true.
func private(info fs.FileInfo, mode fs.FileMode) bool {
	return runtime.GOOS == "windows" || info.Mode().Perm() == mode
}

// Browsers that look in one place are one target.
func TestTargets(t *testing.T) {
	for goos, want := range map[string][]string{
		"linux": {
			"Chrome,Opera: .config/google-chrome/NativeMessagingHosts/userlike_inspector.json",
			"Chromium: .config/chromium/NativeMessagingHosts/userlike_inspector.json",
			"Edge: .config/microsoft-edge/NativeMessagingHosts/userlike_inspector.json",
			"Brave: .config/BraveSoftware/Brave-Browser/NativeMessagingHosts/userlike_inspector.json",
			"Vivaldi: .config/vivaldi/NativeMessagingHosts/userlike_inspector.json",
			"Firefox: .mozilla/native-messaging-hosts/userlike_inspector.json",
			"LibreWolf: .librewolf/native-messaging-hosts/userlike_inspector.json",
		},
		"windows": {
			`Chrome,Chromium,Brave,Vivaldi,Opera: HKCU\Software\Google\Chrome\NativeMessagingHosts\userlike_inspector`,
			`Chromium,Brave,Vivaldi,Opera: HKCU\Software\Chromium\NativeMessagingHosts\userlike_inspector`,
			`Edge: HKCU\Software\Microsoft\Edge\NativeMessagingHosts\userlike_inspector`,
			`Firefox,LibreWolf: HKCU\Software\Mozilla\NativeMessagingHosts\userlike_inspector`,
		},
	} {
		p := newPlace(t, goos, "home")
		var got []string
		for _, target := range p.targets(t) {
			place := target.String()
			if within, err := filepath.Rel(p.home, place); err == nil && target.Key == "" {
				place = filepath.ToSlash(within)
			}
			got = append(got, strings.Join(target.Browsers, ",")+": "+place)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", goos, got, want)
		}
	}
	p := newPlace(t, "linux", "home")
	p.System.Home = ""
	if _, err := p.Targets(browser.Kinds()); err == nil || !strings.Contains(err.Error(), "set HOME") {
		t.Errorf("without a home: %v", err)
	}
}

// A manifest of another program is renamed, every time, and never removed.
func TestForeignManifest(t *testing.T) {
	for name, foreign := range map[string]string{
		"another program's": `{"name":"userlike_inspector","path":"/bin/true","type":"stdio"}`,
		"no JSON":           "{",
		"empty":             "",
		"another type":      `["userlike_inspector"]`,
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, "linux", "home")
			target := p.targets(t)[:1]
			file := target[0].Manifest
			for n := range 3 {
				write(t, file, foreign)
				p.DryRun = true
				if err := p.Install(target); err != nil {
					t.Fatal(err)
				}
				p.DryRun = false
				if err := p.Unregister(target); err != nil {
					t.Fatal(err)
				}
				if b, err := os.ReadFile(file); err != nil || string(b) != foreign {
					t.Fatalf("the other's manifest is %q, %v", b, err)
				}
				if err := p.Install(target); err != nil {
					t.Fatal(err)
				}
				p.check(t, target[0])
				aside := file + ".bak"
				if n > 0 {
					aside += fmt.Sprint(n)
				}
				if b, err := os.ReadFile(aside); err != nil || string(b) != foreign {
					t.Errorf("kept aside: %q, %v", b, err)
				}
			}
			p.steps = nil
			if err := p.Unregister(target); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(file + ".bak2"); err != nil || !strings.Contains(strings.Join(p.steps, "\n"), "left "+file+".bak2") {
				t.Errorf("%v, said %q", err, p.steps)
			}
		})
	}
}

// A registry key of another program is replaced with a message, and never removed.
func TestForeignKey(t *testing.T) {
	p := newPlace(t, "windows", "home")
	target := p.targets(t)[:1]
	p.Registry.(winregtest.Registry)[target[0].Key] = winreg.Value{Text: `C:\other.json`}
	if err := p.Unregister(target); err != nil || p.Registry.(winregtest.Registry)[target[0].Key].Text != `C:\other.json` {
		t.Errorf("%v: %v", p.Registry, err)
	}
	if err := p.Install(target); err != nil {
		t.Fatal(err)
	}
	p.check(t, target[0])
	if steps := strings.Join(p.steps, "\n"); !strings.Contains(steps, `which was "C:\other.json"`) {
		t.Errorf("said %s", steps)
	}
	p.Registry = locked{winregtest.Registry{}}
	if err := p.Install(target); err == nil || !strings.Contains(err.Error(), "Chrome, Chromium, Brave") {
		t.Errorf("a locked registry: %v", err)
	}
}

// A key that names the manifest in another case, or with a variable, is right.
func TestEqualKeys(t *testing.T) {
	p := newPlace(t, "windows", "home")
	p.System.Env = func(name string) string { return map[string]string{"DATA": p.Data}[name] }
	target := p.targets(t)[:1]
	if err := p.Install(target); err != nil {
		t.Fatal(err)
	}
	keys := p.Registry.(winregtest.Registry)
	for _, value := range []winreg.Value{
		{Text: strings.ToUpper(target[0].Manifest)},
		{Text: `%DATA%\manifests\chromium.json`, Expand: true},
	} {
		keys[target[0].Key] = value
		p.steps = nil
		if err := p.Install(target); err != nil || keys[target[0].Key] != value || strings.Contains(strings.Join(p.steps, "\n"), "replaced") {
			t.Errorf("%+v: %v, %q", value, err, p.steps)
		}
		if err := p.Unregister(target); err != nil || keys[target[0].Key].Text != "" {
			t.Errorf("%+v: %v, left %v", value, err, keys)
		}
		if err := p.Install(target); err != nil {
			t.Fatal(err)
		}
	}
}

// If one browser's place cannot be written, the others are still served, and the error names
// the place and the remedy.
func TestUnwritable(t *testing.T) {
	p := newPlace(t, "linux", "home")
	write(t, filepath.Join(p.home, ".config", "chromium"), "a file where a folder should be")
	err := p.Install(p.targets(t))
	if err == nil || !strings.Contains(err.Error(), "registering the host for Chromium") ||
		!strings.Contains(filepath.ToSlash(words.Plain(err)), ".config/chromium") || !strings.Contains(words.Plain(err), "; check") {
		t.Errorf("error %v", err)
	}
	for _, target := range p.targets(t) {
		if !slices.Contains(target.Browsers, "Chromium") {
			p.check(t, target)
		}
	}
	p = newPlace(t, "linux", "home")
	write(t, p.Data, "a file where a folder should be")
	if err := p.Install(p.targets(t)); err == nil || !strings.Contains(err.Error(), p.Data) {
		t.Errorf("error %v", err)
	}
	if files := p.files(t); len(files) != 3 {
		t.Errorf("nothing could be installed, but there is %q", slices.Sorted(maps.Keys(files)))
	}
}

// A newer program replaces the older one, wherever it is run from. A damaged or incomplete
// installation is repaired.
func TestRepair(t *testing.T) {
	p := newPlace(t, "linux", "home")
	targets := p.targets(t)
	if err := p.Install(targets); err != nil {
		t.Fatal(err)
	}
	p.Program = filepath.Join(p.home, "newer")
	write(t, p.Program, "#!/bin/sh\n# newer\n")
	for name, spoil := range map[string]func(){
		"older program":          func() { write(t, p.Host(), "older") },
		"program not executable": func() { os.Chmod(p.Host(), 0o600) },
		"no program":             func() { os.RemoveAll(filepath.Dir(p.Host())) },
		"program elsewhere": func() {
			b, err := browser.Manifest(browser.Chromium, filepath.Join(p.home, "nowhere", "userlike-inspector"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, targets[0].Manifest, string(b))
		},
		"no manifest":          func() { os.Remove(targets[1].Manifest) },
		"no file of extension": func() { os.Remove(filepath.Join(p.Extension(), "hook.js")) },
		"older extension":      func() { write(t, filepath.Join(p.Extension(), "manifest.json"), "{}") },
		"extension is a file":  func() { os.RemoveAll(p.Extension()); write(t, p.Extension(), "") },
	} {
		t.Run(name, func(t *testing.T) {
			spoil()
			if err := p.Install(targets); err != nil {
				t.Fatal(err)
			}
			for _, target := range targets {
				p.check(t, target)
				if _, err := os.Stat(target.Manifest + ".bak"); err == nil {
					t.Error("our own manifest was kept aside")
				}
			}
			if b, err := os.ReadFile(p.Host()); err != nil || !bytes.Contains(b, []byte("newer")) || !p.System.IsProgram(p.Host()) {
				t.Errorf("the program is %q, %v", b, err)
			}
			if err := install.CheckExtension(p.Extension()); err != nil {
				t.Error(err)
			}
		})
	}
	// Run from the place where it is installed, it recognises itself.
	p.Program = p.Host()
	if err := p.Install(targets); err != nil {
		t.Error(err)
	}
}

// There is always a copy of the extension, whichever rename fails.
func TestExtensionIsKept(t *testing.T) {
	for fails := range 3 {
		for also := fails; also < 3; also++ {
			p := newPlace(t, "linux", "home")
			if err := install.WriteExtension(p.Extension()); err != nil {
				t.Fatal(err)
			}
			n := 0
			err := install.ReplaceExtension(p.Extension(), func(from, to string) error {
				if n++; n-1 == fails || n-1 == also {
					return errors.New("it is in use")
				}
				return os.Rename(from, to)
			})
			failed := fails < 2
			if (err != nil) != failed {
				t.Errorf("renames %d and %d fail: %v", fails, also, err)
			}
			kept := p.Extension()
			if err != nil {
				if _, aside, is := strings.Cut(err.Error(), "what was there is in "); is {
					kept = aside
				}
			}
			if err := install.CheckExtension(kept); err != nil {
				t.Errorf("renames %d and %d fail: %v", fails, also, err)
			}
			if beside, _ := filepath.Glob(filepath.Join(filepath.Dir(p.Extension()), ".extension*")); kept == p.Extension() && len(beside) > 0 {
				t.Errorf("renames %d and %d fail, and %q is left", fails, also, beside)
			}
		}
	}
}

func TestProfile(t *testing.T) {
	p := newPlace(t, "linux", "home")
	p.Profile = filepath.Join(p.home, "my profile")
	targets := p.targets(t)
	if want := filepath.Join(p.Profile, "NativeMessagingHosts", "userlike_inspector.json"); len(targets) != 1 || targets[0].Manifest != want {
		t.Fatalf("targets %+v, want %q", targets, want)
	}
	if err := p.Install(targets); err != nil {
		t.Fatal(err)
	}
	p.check(t, targets[0])
	if err := p.Unregister(targets); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(p.Profile); err != nil || len(entries) > 0 {
		t.Errorf("in the profile: %v, %v", entries, err)
	}
}
