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
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/redact"
)

// keyLength is that of a pseudonym key, in bytes.
const keyLength = 32

// redactor makes the user's own redactor: its key is kept, so that a value has
// the same pseudonym in every export and report.
func (a *app) redactor() (*redact.Redactor, error) {
	inspector, err := newInspector()
	if err != nil {
		return nil, err
	}
	return a.redactorFor(inspector)
}

// redactorFor is redactor for those who judge by a plan as well.
func (a *app) redactorFor(inspector *inspect.Inspector) (*redact.Redactor, error) {
	key, err := a.redactionKey()
	if err != nil {
		return nil, fmt.Errorf("the key of the pseudonyms: %w", err)
	}
	return redact.New(key, inspector.Judge), nil
}

// redactionKey reads the key, which is made when there is none.
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
		return nil, fmt.Errorf("%q does not hold %d bytes in hexadecimal; delete it to have a new one made, with which pseudonyms will differ from earlier ones", path, keyLength)
	}
	return key, nil
}

// makeKey puts a whole new key in place, unless another process does so meanwhile.
func makeKey(path string) error {
	key := make([]byte, keyLength)
	rand.Read(key) // never fails
	return files.WriteFirst(path, files.Private, func(w io.Writer) error {
		_, err := io.WriteString(w, hex.EncodeToString(key)+"\n")
		return err
	})
}
