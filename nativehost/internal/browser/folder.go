package browser

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/ours"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/winreg"
	"userlike-inspector/nativehost/internal/words"
)

// A session's folder holds everything that a throw-away browser writes, and whatever else must
// not outlive the session (NewFolder). It is below the user's cache folder, beside those of
// other sessions. Its owner holds an exclusive lock on the file "lock" in it, which the system
// releases when the owner ends in any way. So a folder whose lock is free is a leftover.
const (
	lockFile    = "lock"
	processFile = "process.json"
	logFile     = "browser.log" // what the browser says on stdout and stderr
)

// folder is a session's folder with its lock held.
type folder struct {
	path string
	lock *os.File
}

// process identifies the browser of a session: by its id, and by when it
// started, as ids are used again.
type process struct {
	PID   int    `json:"pid"`
	Start string `json:"start"`
}

// sessionsFolder is the folder of all sessions.
func sessionsFolder() (string, error) {
	cache, err := paths.System{OS: runtime.GOOS, Getenv: os.Getenv}.Cache()
	if err != nil {
		return "", fmt.Errorf("no place for a session's folder: %w", err)
	}
	return filepath.Join(cache, "sessions"), nil
}

// sessions is the same, created when missing.
func sessions() (string, error) {
	dir, err := sessionsFolder()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("no place for a session's folder: %w", err)
	}
	return dir, nil
}

// whileLocked calls f while no other process makes or clears session folders:
// a folder without its lock is a leftover only when nobody is making it.
func whileLocked(dir string, f func() error) error {
	lock, err := openLock(filepath.Join(dir, lockFile))
	if err != nil {
		return err
	}
	defer lock.Close() // which unlocks
	if err := lockWait(lock); err != nil {
		return fmt.Errorf("locking %s: %w", words.Path(lock.Name()), err)
	}
	return f()
}

func openLock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

// newFolder makes and locks a folder for one session.
func newFolder() (*folder, error) {
	dir, err := sessions()
	if err != nil {
		return nil, err
	}
	var f folder
	err = whileLocked(dir, func() error {
		var err error
		if f.path, err = os.MkdirTemp(dir, "s"); err != nil { // 0700
			return err
		}
		if f.lock, err = openLock(filepath.Join(f.path, lockFile)); err != nil {
			return err
		}
		held, err := lockTry(f.lock)
		if err == nil && !held {
			err = errors.New("somebody else holds its lock")
		}
		if err == nil {
			err = ours.Mark(f.path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("making a session's folder: %w", err)
	}
	return &f, nil
}

// NewFolder makes a folder for one session that has no browser, after clearing leftovers.
// remove deletes it.
func NewFolder() (path string, remove func() error, err error) {
	if err := ClearLeftovers(); err != nil {
		return "", nil, err
	}
	f, err := newFolder()
	if err != nil {
		return "", nil, err
	}
	return f.path, f.remove, nil
}

// record notes which process the browser is, for a later process that clears up.
func (f *folder) record(p process) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.path, processFile), b, 0o600)
}

// remove deletes the folder and lets go of its lock.
func (f *folder) remove() error {
	err := removeAll(f.path, f.lock)
	if err != nil {
		return fmt.Errorf("removing the session's folder (the next start tries again): %w", err)
	}
	return nil
}

// endingTime is how long a browser's processes may take to let go of its files.
const endingTime = 3 * time.Second

// removeAll deletes a folder, which processes that are just ending may still use. The
// lock is held until all else is gone.
func removeAll(path string, lock *os.File) error {
	err := files.Soon(endingTime, func() error { return removeExcept(path, lockFile, ours.Marker) })
	lock.Close()
	if err != nil {
		return err
	}
	return ours.Remove(path)
}

func removeExcept(dir string, keep ...string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(keep, e.Name()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// ClearLeftovers ends the browsers and removes the folders of sessions whose
// owner has died without doing so. Those of living owners are left alone.
// Launch calls it. What isn't a session's folder is left alone.
func ClearLeftovers() error { return clearLeftovers(winreg.User()) }

func clearLeftovers(r winreg.Registry) error {
	dir, err := sessions()
	if err != nil {
		return err
	}
	return whileLocked(dir, func() error {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		var failed error
		for _, e := range entries {
			if !ours.Is(filepath.Join(dir, e.Name())) {
				continue
			}
			if err := clearLeftover(r, filepath.Join(dir, e.Name())); err != nil {
				failed = errors.Join(failed, fmt.Errorf("clearing the leftover session %s: %w", words.Path(e.Name()), err))
			}
		}
		if r != nil {
			failed = errors.Join(failed, releaseGone(r, dir))
		}
		return failed
	})
}

func clearLeftover(r winreg.Registry, path string) error {
	lock, err := openLock(filepath.Join(path, lockFile))
	if err != nil {
		return err
	}
	if held, err := lockTry(lock); err != nil || !held {
		lock.Close()
		return err
	}
	b, err := os.ReadFile(filepath.Join(path, processFile))
	var p process
	switch {
	case errors.Is(err, fs.ErrNotExist): // died before it had started a browser
		err = nil
	case err != nil:
		lock.Close()
		return err
	case json.Unmarshal(b, &p) != nil || p.PID <= 1: // died while it wrote this: as above
	default:
		// Only the very process that was started: ids are used again.
		if start, err := startOf(p.PID); err == nil && start == p.Start {
			killLeftover(p.PID)
		}
	}
	if r != nil {
		err = releaseKeys(r, path)
	}
	return errors.Join(err, removeAll(path, lock))
}

// RemoveSessions removes the folder of all sessions with those whose owner has died. It
// returns what it leaves: sessions that run, and files of others.
func RemoveSessions(dir string) (left []string, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err := ClearLeftovers(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Name() != lockFile {
			left = append(left, filepath.Join(dir, e.Name()))
		}
	}
	if len(left) > 0 {
		return left, nil
	}
	if err := os.Remove(filepath.Join(dir, lockFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return nil, os.Remove(dir)
}
