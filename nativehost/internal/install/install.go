// Package install registers the native messaging host with the user's browsers, and
// removes the registration again.
//
// Browsers remember the path of the host, and of an extension that was loaded from a
// folder. So both are copied to places below the user's data folder that are the same for
// every version. Nothing outside of the user's own folders (on Windows, of the user's own
// part of the registry) is read or written.
package install

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/ours"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/winreg"
	"userlike-inspector/nativehost/internal/words"
)

// Installer installs and uninstalls.
type Installer struct {
	System   browser.System
	Registry winreg.Registry // on Windows
	Data     string          // the product's folder for the user's data, absolute
	Profile  string          // a Chromium browser's --user-data-dir, absolute, if it is the only target; else ""
	Program  string          // this program's own path: what is installed
	DryRun   bool            // say what would be done, and do nothing
	// Say is called for every step, with what was done ("wrote", "removed", "is
	// right", …; in a dry run "would write", …) and to what. Required.
	Say func(verb, what string)
}

// Target is a place where browsers look for the host.
type Target struct {
	Browsers []string // the names of the browsers that look there
	Family   browser.Family
	Manifest string // the manifest's file
	Key      string // on Windows: the key below HKCU whose default value names the file
}

// String names the place for the user.
func (t Target) String() string {
	if t.Key != "" {
		return `HKCU\` + t.Key
	}
	return t.Manifest
}

// Host is where the program is installed.
func (i *Installer) Host() string {
	name := paths.Product
	if i.System.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(i.Data, "bin", name)
}

// Extension is the folder that browsers load the extension from.
func (i *Installer) Extension() string { return ExtensionIn(i.Data) }

// ExtensionIn is the extension's folder, given the product's data folder.
func ExtensionIn(data string) string { return filepath.Join(data, "extension") }

// manifests is the folder of the manifests that the registry names.
func (i *Installer) manifests() string { return filepath.Join(i.Data, "manifests") }

// Targets lists the places where the kinds of browsers look, each once, in their order. If
// Profile is set, it is the only place. On Windows no browser looks for a host in its
// profile, so there it is the place that all Chromium browsers share.
func (i *Installer) Targets(kinds []browser.Kind) ([]Target, error) {
	return i.targets(kinds, func(k browser.Kind) []string { return k.Keys })
}

// Asked lists those of the targets that the kinds of browsers read. On Windows a browser reads
// the first of its keys that is there.
func (i *Installer) Asked(kinds []browser.Kind) ([]Target, error) {
	return i.targets(kinds, func(k browser.Kind) []string {
		for _, key := range k.Keys {
			if value, err := i.Registry.Get(browser.HostKey(key)); err != nil || value.Text != "" {
				return []string{key}
			}
		}
		return k.Keys[:1]
	})
}

// targets lists the targets for the keys that each kind has on Windows.
func (i *Installer) targets(kinds []browser.Kind, keys func(browser.Kind) []string) ([]Target, error) {
	if i.Profile != "" && i.System.GOOS == "windows" {
		kinds = slices.DeleteFunc(browser.Kinds(), func(k browser.Kind) bool { return k.Family != browser.Chromium })
	} else if i.Profile != "" {
		file := filepath.Join(i.Profile, "NativeMessagingHosts", browser.ManifestFile)
		return []Target{{Browsers: []string{i.Profile}, Family: browser.Chromium, Manifest: file}}, nil
	}
	if i.System.Home == "" {
		return nil, errors.New("no home folder, so browsers' places are not known: set HOME")
	}
	var targets []Target
	add := func(name string, t Target) {
		same := slices.IndexFunc(targets, func(o Target) bool { return o.String() == t.String() })
		if same < 0 {
			t.Browsers = []string{name}
			targets = append(targets, t)
		} else if !slices.Contains(targets[same].Browsers, name) {
			targets[same].Browsers = append(targets[same].Browsers, name)
		}
	}
	for _, k := range kinds {
		if i.System.GOOS != "windows" {
			add(k.Name, Target{Family: k.Family, Manifest: filepath.Join(k.ManifestDir(i.System), browser.ManifestFile)})
			continue
		}
		file := filepath.Join(i.manifests(), strings.ToLower(string(k.Family))+".json")
		for _, key := range keys(k) {
			add(k.Name, Target{Family: k.Family, Manifest: file, Key: browser.HostKey(key)})
		}
	}
	return targets, nil
}

// Install copies the program and the extension, and registers the host at the targets. What
// is already right is not touched. If one target fails, the others are still done.
func (i *Installer) Install(targets []Target) error {
	if err := i.copyProgram(); err != nil {
		return fmt.Errorf("installing the program: %w", err)
	}
	if err := i.writeExtension(); err != nil {
		return err
	}
	var failed error
	for _, t := range targets {
		if err := i.register(t); err != nil {
			failed = errors.Join(failed, fmt.Errorf("registering the host for %s: %w", strings.Join(t.Browsers, ", "), err))
		}
	}
	return failed
}

func (i *Installer) copyProgram() error {
	to := i.Host()
	if same(i.Program, to) {
		i.Say("is right", to)
		return nil
	}
	b, err := os.ReadFile(i.Program)
	if err != nil {
		return err
	}
	if there, err := os.ReadFile(to); err == nil && bytes.Equal(there, b) && i.System.IsProgram(to) {
		i.Say("is right", to)
		return nil
	}
	if !i.ownProgram(to) {
		if err := i.keepAside(to); err != nil {
			return err
		}
	}
	if err := i.write(to, b, 0o700); err != nil || i.DryRun {
		return err
	}
	return ours.Mark(filepath.Dir(to))
}

// ownProgram tells whether the file may be replaced or removed: it does not exist, its
// folder was made by this program, or it is some version of this program (early ones did
// not put a marker into the folder).
func (i *Installer) ownProgram(file string) bool {
	if _, err := os.Lstat(file); err != nil || ours.Is(filepath.Dir(file)) {
		return true
	}
	info, err := buildinfo.ReadFile(file)
	return err == nil && info.Main.Path == paths.Product
}

// same says whether both paths lead to one file.
func same(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func (i *Installer) writeExtension() error {
	if CheckExtension(i.Extension()) == nil {
		i.Say("is right", i.Extension())
		return nil
	}
	if i.DryRun {
		i.Say("would write", i.Extension())
		return nil
	}
	if !ownExtension(i.Extension()) {
		if err := i.keepAside(i.Extension()); err != nil {
			return err
		}
	}
	if err := WriteExtension(i.Extension()); err != nil {
		return err
	}
	i.Say("wrote", i.Extension())
	return nil
}

// register writes t's manifest. A manifest of another program is renamed first.
func (i *Installer) register(t Target) error {
	want, err := browser.Manifest(t.Family, i.Host())
	if err != nil {
		return err
	}
	there, err := os.ReadFile(t.Manifest)
	switch {
	case err == nil && bytes.Equal(there, want):
		i.Say("is right", t.Manifest)
	case err == nil && !ownManifest(there):
		if err := i.keepAside(t.Manifest); err != nil {
			return err
		}
		fallthrough
	case err == nil, errors.Is(err, fs.ErrNotExist):
		if err := i.write(t.Manifest, want, 0o600); err != nil {
			return err
		}
	default:
		return err
	}
	if t.Key == "" {
		return nil
	}
	switch value, err := i.Registry.Get(t.Key); {
	case err != nil:
		return err
	case i.leadsTo(value, t):
		i.Say("is right", t.String())
		return nil
	case value.Text != "":
		i.Say(i.did("replaced", "would replace"), fmt.Sprintf("%s, which was %s", t, words.Path(value.Text)))
	default:
		i.Say(i.did("wrote", "would write"), t.String())
	}
	if i.DryRun {
		return nil
	}
	return i.Registry.Set(t.Key, winreg.Value{Text: t.Manifest})
}

// leadsTo tells whether a value of the registry is the right one for t.
func (i *Installer) leadsTo(value winreg.Value, t Target) bool {
	return winreg.SamePath(value.Path(i.System.Env), t.Manifest)
}

// Registered tells whether the registry has the right manifest for t's browsers. path is the
// one that it names, "" for none.
func (i *Installer) Registered(t Target) (right bool, path string, err error) {
	value, err := i.Registry.Get(t.Key)
	return i.leadsTo(value, t), value.Path(i.System.Env), err
}

// ownManifest says whether a manifest is one that this program wrote, in any version.
func ownManifest(manifest []byte) bool {
	var m browser.HostManifest
	return json.Unmarshal(manifest, &m) == nil && m.Ours()
}

// keepAside renames a file of another program to the first free name of path.bak, path.bak1,
// path.bak2 …
func (i *Installer) keepAside(path string) error {
	aside := path + ".bak"
	for n := 1; ; n++ {
		if _, err := os.Lstat(aside); err != nil {
			break // if something else is wrong, renaming will return the error
		}
		aside = fmt.Sprintf("%s.bak%d", path, n)
	}
	i.Say(i.did("kept aside", "would keep aside"), fmt.Sprintf("%s, which something else wrote, as %s", path, aside))
	if i.DryRun {
		return nil
	}
	return os.Rename(path, aside)
}

func (i *Installer) write(path string, content []byte, mode fs.FileMode) error {
	if !i.DryRun {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		write := func(w io.Writer) error { _, err := w.Write(content); return err }
		if err := files.WriteOver(path, mode, write); err != nil {
			return err
		}
	}
	i.Say(i.did("wrote", "would write"), path)
	return nil
}

func (i *Installer) did(done, would string) string {
	if i.DryRun {
		return would
	}
	return done
}
