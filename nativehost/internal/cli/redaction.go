package cli

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/words"
)

// keyLength is the length of the key for pseudonyms, in bytes.
const keyLength = 32

// redactor returns a redactor with the user's own key. The key is kept, so that a value
// has the same pseudonym in every export and report.
func (a *app) redactor() (*redact.Redactor, error) {
	inspector, err := newInspector()
	if err != nil {
		return nil, err
	}
	return a.redactorFor(inspector.Judge)
}

// redactorFor is like redactor, but judges records by the given function, for instance by
// a plan as well.
func (a *app) redactorFor(judge func(*record.Record) []record.Finding) (*redact.Redactor, error) {
	key, err := a.redactionKey()
	if err != nil {
		return nil, fmt.Errorf("the key of the pseudonyms: %w", err)
	}
	return redact.New(key, judge), nil
}

// redactionKey reads the key, and makes one if there is none.
func (a *app) redactionKey() ([]byte, error) {
	dir, err := a.system.Data()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "redaction.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return nil, err
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != keyLength {
		return nil, fmt.Errorf("%s does not hold %d bytes in hexadecimal; delete it to have a new one made, with which pseudonyms will differ from earlier ones", words.Path(path), keyLength)
	}
	return key, nil
}

// makeKey writes a new key to path. If another process writes one at the same time, the
// first one stays, and no process ever reads half a key.
func makeKey(path string) error {
	key := make([]byte, keyLength)
	rand.Read(key) // never fails
	return files.WriteFirst(path, files.Private, func(w io.Writer) error {
		_, err := io.WriteString(w, hex.EncodeToString(key)+"\n")
		return err
	})
}
