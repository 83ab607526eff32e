// Package contact keeps who has spoken to the native messaging host: a small
// file for each installation of the extension. A host that runs is otherwise
// known to its browser alone, so this is how other processes learn that an
// extension got through, which version it is and when it was last heard of.
package contact

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/record"
)

// SessionVariable is the environment variable that names the folder of the
// browser session that a host belongs to. Its contacts are noted there and end
// with it; without one, a browser of the user's own has started the host.
const SessionVariable = "USERLIKE_INSPECTOR_SESSION"

// Contact is an installation of the extension, as it was last heard.
type Contact struct {
	Browser   record.Browser `json:"browser"`
	Extension string         `json:"extension"` // its version
	Protocol  int            `json:"protocol"`  // that it speaks
	Host      string         `json:"host"`      // the version of the host that heard it
	Store     string         `json:"store"`     // the file that this host keeps records in
	At        record.Time    `json:"at"`
	Finished  bool           `json:"finished,omitempty"` // it has handed everything over, after Finish
}

// Folder is where a host of this process's environment notes its contacts.
func Folder(s paths.System) (string, error) {
	if session := s.Getenv(SessionVariable); session != "" {
		return Of(session), nil
	}
	state, err := s.State()
	if err != nil {
		return "", err
	}
	return Of(state), nil
}

// Of is where the contacts of a session are, given its folder.
func Of(folder string) string { return filepath.Join(folder, "contacts") }

// Note keeps c in dir, in place of what was known of the same installation.
// dir is made when missing.
func Note(dir string, c Contact) error {
	// It comes from outside and becomes a file's name.
	id, err := uuid.Parse(c.Browser.Profile)
	if err != nil {
		return fmt.Errorf("the extension calls its installation %q, which is not a UUID", c.Browser.Profile)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("contact: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return files.Write(filepath.Join(dir, id.String()+".json"), files.Private, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// All lists the contacts in dir, the latest first; none when there is no dir.
// What cannot be read is left out and named in the error.
func All(dir string) ([]Contact, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []Contact
	var failed error
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".json" {
			continue // one that is being written
		}
		file := filepath.Join(dir, e.Name())
		b, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // just now
		}
		var c Contact
		if err == nil {
			err = json.Unmarshal(b, &c)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("contact %q: %w", file, err))
			continue
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Contact) int {
		return cmp.Or(b.At.Compare(a.At.Time), cmp.Compare(a.Browser.Profile, b.Browser.Profile))
	})
	return all, failed
}

// finishFile is the file in a session's folder that says that its pages are gone.
const finishFile = "finish"

// Finish asks the session's extensions, by way of their hosts, for what they
// still have; each notes that it has Finished.
func Finish(session string) error {
	return os.WriteFile(filepath.Join(session, finishFile), nil, 0o600)
}

// Finishing is closed when Finish has been called for the session, if it is
// before ctx ends. Without a session, "", nobody ends the browser but its user.
func Finishing(ctx context.Context, session string) <-chan struct{} {
	if session == "" {
		return nil
	}
	finishing := make(chan struct{})
	go func() {
		look := time.NewTicker(50 * time.Millisecond)
		defer look.Stop()
		for {
			if _, err := os.Stat(filepath.Join(session, finishFile)); err == nil {
				close(finishing)
				return
			}
			select {
			case <-look.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return finishing
}

// Remove removes the contacts in dir, and dir. What else is in it is left and
// told.
func Remove(dir string) (left []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		name, isContact := strings.CutSuffix(e.Name(), ".json")
		if uuid.Validate(name) != nil || !isContact || !e.Type().IsRegular() {
			left = append(left, file)
			continue
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return left, err
		}
	}
	if len(left) > 0 {
		return left, nil
	}
	return nil, os.Remove(dir)
}
