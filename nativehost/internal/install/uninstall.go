package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"userlike-inspector/nativehost/internal/files"
)

// Unregister removes the host from the targets: what this program wrote there,
// and nothing else. What something else wrote is said.
func (i *Installer) Unregister(targets []Target) error {
	var failed error
	for _, t := range targets {
		failed = errors.Join(failed, i.unregister(t))
	}
	return failed
}

func (i *Installer) unregister(t Target) error {
	if t.Key != "" {
		switch value, err := i.Registry.Get(t.Key); {
		case err != nil:
			return err
		case value == t.Manifest:
			i.Say(i.did("removed", "would remove"), t.String())
			if !i.DryRun {
				if err := i.Registry.Delete(t.Key); err != nil {
					return err
				}
			}
		case value != "":
			i.Say("left", fmt.Sprintf("%s, which is %q, something else's", t, value))
		}
	}
	b, err := os.ReadFile(t.Manifest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return hint(err)
	case !ours(b):
		i.Say("left", t.Manifest+", which something else wrote")
	default:
		if err := i.remove(t.Manifest); err != nil {
			return err
		}
		i.prune(filepath.Dir(t.Manifest))
	}
	for n := 0; ; n++ {
		aside := t.Manifest + ".bak"
		if n > 0 {
			aside = fmt.Sprint(aside, n)
		}
		if _, err := os.Lstat(aside); err != nil {
			return nil
		}
		i.Say("left", aside+", which something else wrote")
	}
}

// RemoveFiles removes the installed program and the extension's folder.
func (i *Installer) RemoveFiles() error {
	var failed error
	for _, path := range []string{i.Host(), i.Host() + files.OldSuffix, i.Extension()} {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		failed = errors.Join(failed, i.remove(path))
	}
	i.prune(filepath.Dir(i.Host()))
	return failed
}

// Purge removes files and folders of the product's own, those that are there.
func (i *Installer) Purge(places ...string) error {
	var failed error
	for _, path := range places {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := i.remove(path); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		i.prune(filepath.Dir(path))
	}
	return failed
}

func (i *Installer) remove(path string) error {
	i.Say(i.did("removed", "would remove"), path)
	if i.DryRun {
		return nil
	}
	return hint(os.RemoveAll(path))
}

// prune removes folders that became empty, as installing may have made them, up
// to those that are the user's own.
func (i *Installer) prune(dir string) {
	own := []string{i.System.Home, i.Profile}
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"} {
		own = append(own, i.System.Env(name))
	}
	for !i.DryRun && !slices.Contains(own, dir) && os.Remove(dir) == nil { // which fails when something is in it
		dir = filepath.Dir(dir)
	}
}
