package browser

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/ours"
	"userlike-inspector/nativehost/internal/words"
)

// places are the folders and files of a session.
type places struct {
	session   string // its folder
	profile   string
	extension string
	manifest  string

	before  []byte // what the manifest's file held, nil for nothing
	written []byte // what it holds for this session
}

// restore puts back into the profile the manifest that install had written there, unless the
// file was changed meanwhile.
func (p places) restore() {
	now, err := os.ReadFile(p.manifest)
	if p.before != nil && err == nil && bytes.Equal(now, p.written) {
		// If this fails, the manifest still names this program, which works.
		_ = os.WriteFile(p.manifest, p.before, 0o600)
	}
}

// extensionFolder is where the extension is in a profile.
const extensionFolder = "userlike-inspector-extension"

// profileSigns are names by which a folder is recognised as a browser's profile.
var profileSigns = map[Family][]string{
	Chromium: {"Local State", "Default", "Last Version"},
	Firefox:  {"prefs.js", "compatibility.ini", "times.json"},
}

// checkProfile refuses a folder that is neither a profile of the family nor contains only files
// of this program, because browsers write anywhere in their profile.
func checkProfile(dir string, family Family) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the profile: %w", err)
	}
	foreign := ""
	for _, e := range entries {
		switch {
		case slices.Contains(profileSigns[family], e.Name()):
			return nil
		case e.Name() == "NativeMessagingHosts", e.Name() == "user.js", ours.Is(filepath.Join(dir, e.Name())):
		default:
			foreign = e.Name()
		}
	}
	if foreign == "" {
		return nil
	}
	return fmt.Errorf("%s is neither empty (there is %s in it) nor a profile of %s; name an empty or new folder with --profile", words.Path(dir), words.Path(foreign), family)
}

// preparePlaces makes the profile and puts extension and host manifest into it.
func preparePlaces(session string, o Options) (places, error) {
	p := places{session: session, profile: o.ProfileDir, extension: o.ExtensionDir}
	if p.profile == "" {
		p.profile = filepath.Join(session, "profile")
	}
	// Chromium reads host manifests here; Firefox is told.
	hosts := filepath.Join(p.profile, "NativeMessagingHosts")
	p.manifest = filepath.Join(hosts, ManifestFile)
	manifest, err := Manifest(o.Browser.Family, o.HostPath)
	if err != nil {
		return p, err
	}
	for _, path := range []*string{&p.profile, &p.extension, &p.manifest} {
		if *path, err = absolute(*path); err != nil {
			return p, err
		}
	}
	if err := checkProfile(p.profile, o.Browser.Family); err != nil {
		return p, err
	}
	if err := os.MkdirAll(hosts, 0o700); err != nil {
		return p, fmt.Errorf("making the profile: %w", err)
	}
	if p.before, err = os.ReadFile(p.manifest); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return p, fmt.Errorf("registering the host: %w", err)
	}
	if p.before != nil && !isOurs(p.before) {
		return p, fmt.Errorf("%s was written by something else, so it is left as it is: name another folder with --profile", p.manifest)
	}
	p.written = manifest
	if err := os.WriteFile(p.manifest, manifest, 0o600); err != nil {
		return p, fmt.Errorf("registering the host: %w", err)
	}
	if p.extension == "" {
		// It is in the profile, because a Chromium profile that is kept remembers where the
		// extension was.
		p.extension = filepath.Join(p.profile, extensionFolder)
		if err := writeExtension(p.extension, extension.FS()); err != nil {
			return p, fmt.Errorf("writing the extension: %w", err)
		}
	}
	return p, nil
}

func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}

// writeExtension replaces dir, if it is ours, by the files.
func writeExtension(dir string, files fs.FS) error {
	if err := ours.Remove(dir); err != nil {
		return err
	}
	if err := ours.Make(dir); err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}
