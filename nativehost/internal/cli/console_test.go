package cli

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

// On every system, the error of writing to a pipe that nobody reads is recognised. Such an
// error is not reported to the user.
func TestReaderLeft(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	for range 3 { // the first one may still be taken
		if _, err = w.WriteString("more\n"); err != nil {
			break
		}
	}
	if err == nil || !readerLeft(err) {
		t.Errorf("%v is not taken for it", err)
	}
	if readerLeft(errors.New("disk full")) || readerLeft(fs.ErrPermission) {
		t.Error("anything is taken for it")
	}
}
