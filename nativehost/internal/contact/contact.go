// Package contact notes which installations of the extension have connected to the native
// messaging host, with a small file for each. Only the browser knows of a running host. By
// these files other processes see that an extension has connected, which version it has and
// when it was last heard of.
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
	"userlike-inspector/nativehost/internal/words"
)

// SessionVariable is the environment variable with the folder of the browser session that a
// host belongs to. Contacts of the session are noted there and removed with it. Without the
// variable, a browser of the user's own has started the host.
const SessionVariable = "USERLIKE_INSPECTOR_SESSION"

// Contact is an installation of the extension, as it was last heard.
type Contact struct {
	Browser   record.Browser `json:"browser"`
	Extension string         `json:"extension"` // its version
	Protocol  int            `json:"protocol"`  // the version of the protocol that it uses
	Host      string         `json:"host"`      // the version of the host that heard it
	Store     string         `json:"store"`     // the file that this host keeps records in
	At        record.Time    `json:"at"`
	Finished  bool           `json:"finished,omitempty"` // after Finish: it has sent everything
}

// Folder is the folder in which a host with this process's environment notes its contacts.
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

// Of is the folder of a session's contacts, given the session's folder.
func Of(folder string) string { return filepath.Join(folder, "contacts") }

// Note writes c to dir, replacing the file of the same installation. dir is made if it does
// not exist.
func Note(dir string, c Contact) error {
	// The profile comes from outside and becomes the name of a file.
	id, err := uuid.Parse(c.Browser.Profile)
	if err != nil {
		return fmt.Errorf("the extension calls its installation %s, which is not a UUID", words.Quote(c.Browser.Profile))
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

// replacing is how long replacing a file may take. Meanwhile Windows does not allow reading
// it.
const replacing = 2 * time.Second

// All lists the contacts in dir, the latest first, and none if dir does not exist. Files
// that cannot be read are left out and named in the error.
func All(dir string) ([]Contact, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []Contact
	var failed error
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".json" {
			continue // a file that is being written
		}
		file := filepath.Join(dir, e.Name())
		var b []byte
		err := files.Soon(replacing, func() (err error) { b, err = os.ReadFile(file); return err })
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was removed just now
		}
		var c Contact
		if err == nil {
			err = json.Unmarshal(b, &c)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("contact %s: %w", words.Path(file), err))
			continue
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Contact) int {
		return cmp.Or(b.At.Compare(a.At.Time), cmp.Compare(a.Browser.Profile, b.Browser.Profile))
	})
	return all, failed
}

// finishFile is the file in a session's folder which says that its pages were closed.
const finishFile = "finish"

// Finish asks the session's extensions, through their hosts, for the records that they still
// have. Each then sets Finished in its contact.
func Finish(session string) error {
	return os.WriteFile(filepath.Join(session, finishFile), nil, 0o600)
}

// Finishing returns a channel that is closed when Finish has been called for the session, if
// that is before ctx ends. Without a session ("") it never is, as only the user ends the
// browser.
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

// Remove removes the contacts in dir, and dir. Other files stay and are returned.
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
