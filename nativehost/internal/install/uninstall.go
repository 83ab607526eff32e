package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/ours"
	"userlike-inspector/nativehost/internal/paths"
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
			if !i.DryRun {
				if err := i.Registry.Delete(t.Key); err != nil {
					return err
				}
			}
			i.Say(i.did("removed", "would remove"), t.String())
		case value != "":
			i.Say("left", fmt.Sprintf("%s, which is %q, something else's", t, value))
		}
	}
	others, err := i.othersOf(t)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(t.Manifest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return hint(err)
	case len(others) > 0:
		i.Say("left", fmt.Sprintf("%s, which %s still names", t.Manifest, strings.Join(others, " and ")))
	case !ownManifest(b):
		i.Say("left", t.Manifest+", which something else wrote")
	default:
		if err := i.remove(t.Manifest, os.Remove); err != nil {
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

// othersOf lists the keys besides t's that name t's manifest: on Windows
// browsers of one family share it.
func (i *Installer) othersOf(t Target) (others []string, err error) {
	if t.Key == "" || i.DryRun {
		return nil, nil
	}
	all, err := i.Targets(browser.Kinds())
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		if other.Key == t.Key || other.Manifest != t.Manifest {
			continue
		}
		value, err := i.Registry.Get(other.Key)
		if err != nil {
			return nil, err
		}
		if value == t.Manifest {
			others = append(others, other.String())
		}
	}
	return others, nil
}

// RemoveFiles removes the installed program and the extension's folder, where
// they are this program's. What fails keeps nothing else from being removed.
func (i *Installer) RemoveFiles() error {
	bin := filepath.Dir(i.Host())
	var failed error
	programs := []string{i.Host()}
	if older, err := filepath.Glob(i.Host() + files.OldSuffix + "*"); err == nil {
		programs = append(programs, older...)
	}
	for _, path := range programs {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if !i.ownProgram(path) {
			i.Say("left", path+", which this program did not make")
			continue
		}
		failed = errors.Join(failed, i.remove(path, i.removeProgram))
	}
	if ours.Is(bin) && !i.DryRun {
		// Fails where somebody has put something else there, which is then left.
		if entries, err := os.ReadDir(bin); err == nil && len(entries) == 1 {
			failed = errors.Join(failed, ours.Remove(bin))
		}
	}
	i.prune(bin)
	switch _, err := os.Lstat(i.Extension()); {
	case errors.Is(err, fs.ErrNotExist):
	case !ownExtension(i.Extension()):
		i.Say("left", i.Extension()+", which this program did not make")
	default:
		failed = errors.Join(failed, i.remove(i.Extension(), os.RemoveAll))
	}
	i.prune(i.Data)
	return failed
}

// removeProgram removes a program. One that runs, as this one may, is put out of
// the way on Windows, which lets it be renamed but not removed.
func (i *Installer) removeProgram(path string) error {
	err := os.Remove(path)
	if err == nil || i.System.GOOS != "windows" {
		return err
	}
	aside, asideErr := os.MkdirTemp("", paths.Product)
	if asideErr != nil {
		return err
	}
	if os.Rename(path, filepath.Join(aside, filepath.Base(path))) != nil {
		os.Remove(aside)
		return err
	}
	i.Say("moved aside", fmt.Sprintf("%s, which runs, to %s: remove it when it has ended", path, aside))
	return nil
}

// Purge removes files of the product's own, those that are there.
func (i *Installer) Purge(places ...string) error {
	var failed error
	for _, path := range places {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := i.remove(path, os.Remove); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		i.prune(filepath.Dir(path))
	}
	return failed
}

// Clear has empty remove what it knows to be ours in a folder, if that is there,
// and says what it leaves.
func (i *Installer) Clear(folder string, empty func(folder string) (left []string, err error)) error {
	if _, err := os.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if i.DryRun {
		i.Say("would remove", folder)
		return nil
	}
	left, err := empty(folder)
	if err != nil {
		return hint(err)
	}
	for _, path := range left {
		i.Say("left", path+", which is in use or somebody else's")
	}
	if len(left) == 0 {
		i.Say("removed", folder)
	}
	i.prune(filepath.Dir(folder))
	return nil
}

// remove removes a file or folder and says so, once it is done.
func (i *Installer) remove(path string, remove func(string) error) error {
	if !i.DryRun {
		if err := remove(path); err != nil {
			return hint(err)
		}
	}
	i.Say(i.did("removed", "would remove"), path)
	return nil
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
