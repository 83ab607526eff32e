package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/ours"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/words"
)

// Unregister removes what this program wrote at the targets, and nothing else. What other
// programs wrote is only reported.
func (i *Installer) Unregister(targets []Target) error {
	var failed error
	for n, t := range targets {
		failed = errors.Join(failed, i.unregister(t, targets[:n], targets[n+1:]))
	}
	return failed
}

// unregister removes the host from t. before are the targets that are already done, after those
// that are still to do.
func (i *Installer) unregister(t Target, before, after []Target) error {
	if t.Key != "" {
		switch value, err := i.Registry.Get(t.Key); {
		case err != nil:
			return err
		case i.leadsTo(value, t):
			if !i.DryRun {
				if err := i.Registry.Delete(t.Key); err != nil {
					return err
				}
			}
			i.Say(i.did("removed", "would remove"), t.String())
		case value.Text != "":
			i.Say("left", fmt.Sprintf("%s, which is %s, something else's", t, words.Path(value.Text)))
		}
	}
	others, later, err := i.othersOf(t, before, after)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(t.Manifest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case later:
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

// othersOf lists the other keys that name t's manifest: on Windows browsers of one family share
// it. Targets that are still to do are not listed; later tells whether there are any.
func (i *Installer) othersOf(t Target, before, after []Target) (others []string, later bool, err error) {
	if t.Key == "" {
		return nil, false, nil
	}
	all, err := i.Targets(browser.Kinds())
	if err != nil {
		return nil, false, err
	}
	for _, other := range all {
		same := func(o Target) bool { return o.Key == other.Key }
		removed := other.Key == t.Key || i.DryRun && slices.ContainsFunc(before, same)
		if removed || other.Manifest != t.Manifest {
			continue
		}
		value, err := i.Registry.Get(other.Key)
		switch {
		case err != nil:
			return nil, false, err
		case !i.leadsTo(value, t):
		case slices.ContainsFunc(after, same):
			later = true
		default:
			others = append(others, other.String())
		}
	}
	return others, later, nil
}

// RemoveFiles removes the installed program and the extension's folder if they are this
// program's. If one fails, the others are still removed.
func (i *Installer) RemoveFiles() error {
	bin := filepath.Dir(i.Host())
	var failed error
	for _, path := range append([]string{i.Host()}, files.SetAsides(i.Host())...) {
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
		// This fails if there is another file in the folder, which then stays.
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

// removeProgram removes a program. On Windows a program that runs, as this one may, can only
// be renamed, so it is moved to a temporary folder.
func (i *Installer) removeProgram(path string) error {
	remove := removeSoon
	if same(i.Program, path) {
		remove = os.Remove // this process does not end meanwhile, so waiting would not help
	}
	err := remove(path)
	if err == nil || i.System.GOOS != "windows" {
		return err
	}
	aside, asideErr := os.MkdirTemp("", asides)
	if asideErr != nil {
		return err
	}
	if errors.Join(ours.Mark(aside), os.Rename(path, filepath.Join(aside, filepath.Base(path)))) != nil {
		_ = ours.Remove(aside) // if this fails, an empty temporary folder stays
		return err
	}
	i.Say("moved aside", fmt.Sprintf("%s, which runs, to %s; remove that when it has ended", path, aside))
	return nil
}

// asides is the beginning of the names of temporary folders for programs that were running when
// they were removed.
const asides = paths.Product + "-removed-"

// ClearAsides removes programs that were running when they were replaced or removed, and have
// ended since. Only on Windows are there such programs.
func (i *Installer) ClearAsides() {
	if i.System.GOOS != "windows" || i.DryRun {
		return
	}
	for _, program := range files.SetAsides(i.Host()) {
		if i.ownProgram(program) {
			_ = os.Remove(program) // fails while it runs
		}
	}
	folders, err := filepath.Glob(filepath.Join(os.TempDir(), asides+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		_ = ours.Remove(folder) // fails while the program runs, and for folders of others
	}
}

// soon is how long a process may take to end after it was told to.
const soon = 5 * time.Second

// removeSoon removes a file that an ending process may still have open.
func removeSoon(path string) error {
	return files.Soon(soon, func() error { return os.Remove(path) })
}

// Purge removes those of the product's own files that exist.
func (i *Installer) Purge(places ...string) error {
	var failed error
	for _, path := range places {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := i.remove(path, removeSoon); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		i.prune(filepath.Dir(path))
	}
	return failed
}

// Clear calls empty for a folder, if it exists, to remove the files in it that are ours, and
// reports what stays.
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
		return err
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

// remove removes a file or folder, and reports it afterwards.
func (i *Installer) remove(path string, remove func(string) error) error {
	if !i.DryRun {
		if err := remove(path); err != nil {
			return err
		}
	}
	i.Say(i.did("removed", "would remove"), path)
	return nil
}

// prune removes folders that became empty and that installing may have made, up to the
// user's own ones.
func (i *Installer) prune(dir string) {
	own := []string{i.System.Home, i.Profile}
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"} {
		own = append(own, i.System.Env(name))
	}
	for !i.DryRun && !slices.Contains(own, dir) && os.Remove(dir) == nil { // Remove fails if the folder is not empty
		dir = filepath.Dir(dir)
	}
}
