package files_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/files"
)

// A file that another program has open is not replaced, and the error says why.
func TestWriteInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func() error {
		return files.Write(path, files.Private, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err })
	}
	if err := write(); !errors.Is(err, files.ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	f.Close()
	if err := write(); err != nil {
		t.Error(err)
	}
}
