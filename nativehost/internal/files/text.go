package files

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// NotText says what is wrong with a line that is not text.
const NotText = "is not text in UTF-8, nor is the file UTF-16 with its mark at the beginning; save it as UTF-8, or unpack it if it is compressed"

// An EncodingError is about a text that is neither UTF-8 nor, by its mark, UTF-16.
type EncodingError struct{ Line int } // from 1 on

func (e *EncodingError) Error() string {
	return fmt.Sprintf("line %d %s", e.Line, NotText)
}

// Text is the text of a file as UTF-8 without a byte order mark. Shells on Windows write
// UTF-16 with a mark when output goes to a file.
func Text(b []byte) ([]byte, error) {
	text, err := io.ReadAll(NewTextReader(bufio.NewReader(bytes.NewReader(b))))
	if err != nil {
		return nil, err
	}
	if i := firstInvalid(text); i >= 0 {
		return nil, &EncodingError{Line: 1 + bytes.Count(text[:i], []byte("\n"))}
	}
	return text, nil
}

// IsText tells whether a part of a file is text.
func IsText(part []byte) bool { return firstInvalid(part) < 0 }

// firstInvalid is the index of the first byte that is not text, -1 for none. NUL is not
// text: UTF-16 without a mark looks like UTF-8 with a NUL in every other byte.
func firstInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// NewTextReader reads a file's text as Text does. If the file has no mark, the caller has to
// check that it is UTF-8.
func NewTextReader(r *bufio.Reader) *bufio.Reader {
	mark, _ := r.Peek(3) // the file may be shorter
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		r.Discard(3)
		return r
	case bytes.HasPrefix(mark, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(mark, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return r
	}
	r.Discard(2)
	return bufio.NewReaderSize(&utf16Reader{from: r, order: order, line: 1}, bufferSize)
}

// utf16Reader converts UTF-16 to UTF-8. It never replaces invalid characters, because the
// result would look like something that a page has sent.
type utf16Reader struct {
	from  *bufio.Reader
	order binary.ByteOrder
	line  int
	text  []byte // decoded and not yet read
	err   error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.text) < len(p) && u.err == nil {
		var c rune
		if c, u.err = u.next(); u.err == nil {
			u.text = utf8.AppendRune(u.text, c)
		}
	}
	n := copy(p, u.text)
	u.text = u.text[:copy(u.text, u.text[n:])]
	if n > 0 {
		return n, nil
	}
	return 0, u.err
}

// next is the next character.
func (u *utf16Reader) next() (rune, error) {
	first, err := u.unit()
	switch {
	case err != nil:
		return 0, err
	case first == '\n':
		u.line++
	case first == 0:
		return 0, &EncodingError{u.line}
	}
	if !utf16.IsSurrogate(first) {
		return first, nil
	}
	second, err := u.unit()
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	c := utf16.DecodeRune(first, second)
	if c == utf8.RuneError {
		return 0, &EncodingError{u.line}
	}
	return c, nil
}

func (u *utf16Reader) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(u.from, b[:]); errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, &EncodingError{u.line}
	} else if err != nil {
		return 0, err
	}
	return rune(u.order.Uint16(b[:])), nil
}
