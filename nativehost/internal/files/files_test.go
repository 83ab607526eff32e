package files_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"userlike-inspector/nativehost/internal/files"
)

// utf16Bytes is s in UTF-16 with its mark.
func utf16Bytes(order binary.AppendByteOrder, s string) []byte {
	b := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

func TestText(t *testing.T) {
	const text = "{\"a\":\"ü € 😀\"}\r\n{}\r\n"
	tests := []struct {
		name string
		in   []byte
		want string
		line int // of the error, 0 for none
	}{
		{name: "UTF-8", in: []byte(text), want: text},
		{name: "UTF-8 with a mark", in: []byte("\ufeff" + text), want: text},
		{name: "UTF-16, little end first", in: utf16Bytes(binary.LittleEndian, text), want: text},
		{name: "UTF-16, big end first", in: utf16Bytes(binary.BigEndian, text), want: text},
		{name: "nothing"},
		{name: "only a mark", in: utf16Bytes(binary.LittleEndian, "")},
		{name: "Latin 1", in: []byte("a\nb\n\xfc\n"), line: 3},
		{name: "UTF-16 without a mark", in: utf16Bytes(binary.LittleEndian, "ab\nc")[2:], line: 1},
		{name: "UTF-32", in: []byte("\xff\xfe\x00\x00a\x00\x00\x00"), line: 1},
		{name: "half a pair", in: append(utf16Bytes(binary.LittleEndian, "a\nb"), 0x3d, 0xd8), line: 2},
		{name: "half a pair within", in: append(utf16Bytes(binary.LittleEndian, "a\nb"), 0x3d, 0xd8, 'c', 0), line: 2},
		{name: "half a unit", in: append(utf16Bytes(binary.BigEndian, "a\n\n"), 0), line: 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := files.Text(test.in)
			if test.line == 0 {
				if err != nil || string(got) != test.want {
					t.Errorf("%q, %v; want %q", got, err, test.want)
				}
				return
			}
			var foreign *files.EncodingError
			if !errors.As(err, &foreign) || foreign.Line != test.line {
				t.Errorf("%q, %v; want an error about line %d", got, err, test.line)
			}
		})
	}
}

// Long texts are read completely, in pieces of any size.
func TestTextReaderInPieces(t *testing.T) {
	text := strings.Repeat("abc ü € 😀\n", 20_000)
	in := utf16Bytes(binary.LittleEndian, text)
	got, err := io.ReadAll(files.NewTextReader(bufio.NewReader(iotest.HalfReader(bytes.NewReader(in)))))
	if err != nil || string(got) != text {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(text))
	}
}

func FuzzText(f *testing.F) {
	f.Add(utf16Bytes(binary.BigEndian, "a😀"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := files.Text(b)
		if err == nil && !files.IsText(text) {
			t.Errorf("%q becomes %q", b, text)
		}
	})
}

func TestOpenTakesOrdinaryFilesAlone(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := files.Read(plain, 3); err != nil || string(b) != "abc" {
		t.Errorf("%q, %v", b, err)
	}
	if b, err := files.Read(plain, 1); err != nil || len(b) != 2 {
		t.Errorf("%q, %v; want one byte more than the limit", b, err)
	}
	if _, err := files.Open(dir); !errors.Is(err, files.ErrNotRegular) || !strings.Contains(err.Error(), "folder") {
		t.Error(err)
	}
	if _, err := files.Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	put := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			return err
		}
	}
	content := func(want string) {
		t.Helper()
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Errorf("%q, %v; want %q", b, err, want)
		}
	}
	if err := files.Write(path, files.Private, put("one", nil)); err != nil {
		t.Fatal(err)
	}
	content("one")
	broken := errors.New("broken")
	if err := files.Write(path, files.Private, put("two", broken)); !errors.Is(err, broken) {
		t.Error(err)
	}
	content("one")
	if err := files.WriteFirst(path, files.Private, put("three", nil)); err != nil {
		t.Error(err)
	}
	content("one")
	if err := files.WriteOver(path, files.Private, put("four", nil)); err != nil {
		t.Error(err)
	}
	content("four")
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// An error of writing names the file that the user has named, once, and what to do; never the
// temporary file beside it.
func TestWriteSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	full := filepath.Join(dir, "full")
	if err := os.MkdirAll(filepath.Join(full, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		full:                                full + " is a folder; name a file in it",
		filepath.Join(dir, "none", "a.txt"): "there is no folder " + filepath.Join(dir, "none") + "; make it first, or name another file",
		filepath.Join(file, "a.txt"):        file + " is not a folder; name another file",
	} {
		for name, write := range map[string]func(string, fs.FileMode, func(io.Writer) error) error{"Write": files.Write, "WriteOver": files.WriteOver} {
			err := write(path, files.Private, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err })
			if err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
}

// What the writer says is passed on as it is.
func TestWritePassesOnOtherErrors(t *testing.T) {
	of := errors.New("of the report")
	if err := files.Write(filepath.Join(t.TempDir(), "a.txt"), files.Private, func(io.Writer) error { return of }); err != of { //nolint:errorlint // it is exactly this error
		t.Errorf("got %v", err)
	}
}
