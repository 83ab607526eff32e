package browser

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/winreg"
)

// On Windows, Chromium browsers look for hosts only in the user's registry, where all of
// them read the same value. A session puts its own manifest there while it runs. One file
// for all sessions remembers what was there before. The last session that ends puts it back
// or, after one was killed, the next one that starts. A value that another program has
// written meanwhile stays.

// claimsFile is a file beside the sessions' folders. It is written under their lock.
const claimsFile = "registry.json"

// claims are what sessions have put into the registry, by key.
type claims map[string]*claim

type claim struct {
	Before   winreg.Value      `json:"before"`   // the zero Value if there was none
	Sessions map[string]string `json:"sessions"` // the manifest of each, by its folder's name
}

// holds tells whether a value is that of a session.
func (c *claim) holds(value winreg.Value) bool {
	return c != nil && slices.ContainsFunc(slices.Collect(maps.Values(c.Sessions)), func(manifest string) bool {
		return winreg.SamePath(manifest, value.Text)
	})
}

// readClaims reads the claims. It is an error if the file cannot be read, because the next
// claim would overwrite it. Invalid content is ignored: this program always replaces the file
// as a whole, so it did not write it.
func readClaims(sessions string) (claims, error) {
	all := claims{}
	b, err := os.ReadFile(filepath.Join(sessions, claimsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && json.Unmarshal(b, &all) != nil {
		all = claims{}
	}
	return all, nil
}

func (c claims) write(sessions string) error {
	path := filepath.Join(sessions, claimsFile)
	if len(c) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return files.Write(path, files.Private, func(w io.Writer) error { _, err := w.Write(b); return err })
}

// claimKey makes key name a session's manifest. The caller holds the sessions' lock.
func claimKey(r winreg.Registry, session, key, manifest string) error {
	sessions, name := filepath.Split(session)
	all, err := readClaims(sessions)
	if err != nil {
		return err
	}
	now, err := r.Get(key)
	if err != nil {
		return err
	}
	c := all[key]
	if c == nil {
		c = &claim{Sessions: map[string]string{}}
		all[key] = c
	}
	if !c.holds(now) {
		c.Before = now
	}
	c.Sessions[name] = manifest
	// Write the file first. If the registry is then not changed, that is noticed later and
	// does no harm.
	if err := all.write(sessions); err != nil {
		return err
	}
	return r.Set(key, winreg.Value{Text: manifest})
}

// releaseKeys removes a session's manifests from the registry, and puts there that of another
// running session, else what was there before. The caller holds the sessions' lock.
func releaseKeys(r winreg.Registry, session string) error {
	sessions, name := filepath.Split(session)
	all, err := readClaims(sessions)
	if err != nil {
		return err
	}
	var failed error
	for _, key := range slices.Sorted(maps.Keys(all)) {
		c := all[key]
		manifest, mine := c.Sessions[name]
		if !mine {
			continue
		}
		delete(c.Sessions, name)
		now, err := r.Get(key)
		if err == nil && winreg.SamePath(now.Text, manifest) {
			err = put(r, key, c.next())
		}
		if err != nil {
			failed = errors.Join(failed, err)
			c.Sessions[name] = manifest // the next start tries again
		}
		if len(c.Sessions) == 0 {
			delete(all, key)
		}
	}
	return errors.Join(failed, all.write(sessions))
}

// releaseGone does the same for sessions whose folder does not exist any more.
func releaseGone(r winreg.Registry, sessions string) error {
	all, err := readClaims(sessions)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range all {
		for name := range c.Sessions {
			if _, err := os.Lstat(filepath.Join(sessions, name)); errors.Is(err, fs.ErrNotExist) {
				failed = errors.Join(failed, releaseKeys(r, filepath.Join(sessions, name)))
			}
		}
	}
	return failed
}

// register makes keys name a session's manifest, on Windows. undo puts back what was there.
func register(r winreg.Registry, keys []string, p places) (undo func() error, err error) {
	if r == nil {
		return func() error { return nil }, nil
	}
	locked := func(f func() error) error { return whileLocked(filepath.Dir(p.session), f) }
	err = locked(func() error {
		for _, key := range keys {
			if err := claimKey(r, p.session, key, p.manifest); err != nil {
				return errors.Join(err, releaseKeys(r, p.session))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("registering the host: %w", err)
	}
	return func() error { return locked(func() error { return releaseKeys(r, p.session) }) }, nil
}

// next is the value that a key should have: that of a running session, else what was there
// before.
func (c *claim) next() winreg.Value {
	for _, name := range slices.Sorted(maps.Keys(c.Sessions)) {
		return winreg.Value{Text: c.Sessions[name]}
	}
	return c.Before
}

func put(r winreg.Registry, key string, value winreg.Value) error {
	if value.Text == "" {
		return r.Delete(key)
	}
	return r.Set(key, value)
}

// Lasting is the registry as it will be when all sessions have ended. Values that sessions
// have replaced are read from and written to the claims. It is nil for nil.
func Lasting(r winreg.Registry) winreg.Registry {
	if r == nil {
		return nil
	}
	return lasting{r}
}

type lasting struct{ winreg.Registry }

// behind calls aside for the claim of a key if a session has replaced its value, else there.
func (l lasting) behind(key string, aside func(c *claim) (changed bool), there func() error) error {
	dir, err := sessionsFolder()
	if err != nil {
		return there()
	}
	if _, err := os.Stat(dir); err != nil {
		return there() // no session has run here
	}
	return whileLocked(dir, func() error {
		all, err := readClaims(dir)
		if err != nil {
			return err
		}
		now, err := l.Registry.Get(key)
		if err != nil {
			return err
		}
		if !all[key].holds(now) {
			return there()
		}
		if aside(all[key]) {
			return all.write(dir)
		}
		return nil
	})
}

func (l lasting) Get(key string) (value winreg.Value, err error) {
	err = l.behind(key, func(c *claim) bool { value = c.Before; return false }, func() error {
		value, err = l.Registry.Get(key)
		return err
	})
	return value, err
}

func (l lasting) Set(key string, value winreg.Value) error {
	return l.behind(key, func(c *claim) bool { c.Before = value; return true }, func() error { return l.Registry.Set(key, value) })
}

func (l lasting) Delete(key string) error {
	return l.behind(key, func(c *claim) bool { c.Before = winreg.Value{}; return true }, func() error { return l.Registry.Delete(key) })
}
