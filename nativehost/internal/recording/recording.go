// Package recording reads recordings, which are stores or JSON Lines, as a whole or in
// part, and writes them as JSON Lines or CSV, also with a seal.
package recording

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

const (
	// maxLine is the longest line of JSON Lines, in bytes. It is more than the
	// largest record that a browser can send.
	maxLine = 64 << 20
	// Page is how many records are read from a store, or written to one, at a time.
	Page = 1000
)

// Each calls f for every record of the recordings at paths, in order of arrival: the order
// of a file and, among several files, the time at which records were received. A record that
// occurs twice counts once.
func Each(ctx context.Context, paths []string, f func(*record.Record) error) error {
	seen := map[string]bool{}
	once := func(r *record.Record) error {
		if seen[r.ID] {
			return nil
		}
		seen[r.ID] = true
		return f(r)
	}
	if len(paths) == 1 {
		return EachOf(ctx, paths[0], refuseAny, once)
	}
	return merge(ctx, paths, once)
}

// merge calls f for the records of several files, sorted by the time at which they were
// received. A record without that time counts as received together with the one before it
// in its file. Files in which no record has it come in the order of paths.
func merge(ctx context.Context, paths []string, f func(*record.Record) error) error {
	type source struct {
		next     func() (*record.Record, error, bool)
		head     *record.Record
		received time.Time
	}
	var sources []*source
	advance := func(s *source) error {
		r, err, ok := s.next()
		if s.head = r; !ok || err != nil {
			s.head = nil
			return err
		}
		if r.Received != nil {
			s.received = r.Received.Time
		}
		return nil
	}
	for _, path := range paths {
		next, stop := iter.Pull2(func(yield func(*record.Record, error) bool) {
			stopped := errors.New("stopped")
			if err := EachOf(ctx, path, refuseAny, func(r *record.Record) error {
				if !yield(r, nil) {
					return stopped
				}
				return nil
			}); err != nil && err != stopped { //nolint:errorlint // it is exactly this error
				yield(nil, err)
			}
		})
		defer stop()
		s := &source{next: next}
		if err := advance(s); err != nil {
			return err
		}
		sources = append(sources, s)
	}
	for {
		var first *source
		for _, s := range sources {
			if s.head != nil && (first == nil || s.received.Before(first.received)) {
				first = s
			}
		}
		if first == nil {
			return nil
		}
		if err := f(first.head); err != nil {
			return err
		}
		if err := advance(first); err != nil {
			return err
		}
	}
}

// refuseAny makes reading end at the first bad line.
func refuseAny(err error) error { return err }

// EachOf reads one recording. Its content shows whether it is a store or JSON Lines. bad is
// called for each bad line; if it returns an error, reading ends.
func EachOf(ctx context.Context, path string, bad func(error) error, f func(*record.Record) error) error {
	file, err := files.Open(path)
	if err != nil {
		return files.Unreadable("recording", path, err)
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 64<<10)
	if beginsStore(r) {
		// Close it before SQLite opens it: closing it later would release the locks
		// that SQLite holds on the file in this process.
		file.Close()
		return eachOfStore(ctx, path, f)
	}
	return eachLine(files.NewTextReader(r), path, bad, f)
}

// beginsStore tells whether r is at the beginning of a store.
func beginsStore(r *bufio.Reader) bool {
	const magic = "SQLite format 3\x00"
	head, err := r.Peek(len(magic))
	return err == nil && string(head) == magic
}

// IsStore tells whether the recording at path is a store; the others are JSON Lines.
func IsStore(path string) (bool, error) {
	file, err := files.Open(path)
	if err != nil {
		return false, files.Unreadable("recording", path, err)
	}
	defer file.Close()
	return beginsStore(bufio.NewReader(file)), nil
}

// Gather appends the recordings at paths to s, in the order of Each, and tells now and
// then how many records have been read.
func Gather(ctx context.Context, paths []string, s *store.Store, told func(read int)) error {
	var batch []*record.Record
	read := 0
	flush := func() error {
		_, err := s.Append(ctx, batch)
		read += len(batch)
		batch = batch[:0]
		told(read)
		return err
	}
	err := Each(ctx, paths, func(r *record.Record) error {
		if batch = append(batch, r); len(batch) < Page {
			return nil
		}
		return flush()
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	return flush()
}

func eachOfStore(ctx context.Context, path string, f func(*record.Record) error) error {
	s, err := store.OpenRecording(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	return EachAfter(ctx, s, 0, f)
}

// EachAfter calls f for every record of s after a row.
func EachAfter(ctx context.Context, s *store.Store, row int64, f func(*record.Record) error) error {
	for {
		stored, err := s.After(ctx, row, Page)
		if err != nil {
			return err
		}
		if len(stored) == 0 {
			return nil
		}
		for _, one := range stored {
			if err := f(one.Record); err != nil {
				return err
			}
			row = one.Row
		}
	}
}

// eachLine reads JSON Lines. Errors name the line. Those that concern only one line are
// passed to bad.
func eachLine(r *bufio.Reader, name string, bad func(error) error, f func(*record.Record) error) error {
	for n := 1; ; n++ {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var rec *record.Record
		if err == nil {
			if rec, err = record.Decode(line); err != nil && !files.IsText(line) {
				err = errNotText
			}
		}
		if err != nil {
			err = bad(fmt.Errorf("%s:%d: %w", name, n, err))
		} else {
			err = f(rec)
		}
		if err != nil {
			return err
		}
	}
}

var errNotText = errors.New("the line " + files.NotText)

var errLongLine = fmt.Errorf("the line is longer than %d bytes: is this a recording?", maxLine)

// readLine returns the next line without its end, or io.EOF after the last. If a line is too
// long, it returns only errLongLine.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case long:
			return nil, errLongLine
		case err != nil && len(line) == 0:
			return nil, io.EOF
		}
		return bytes.TrimSuffix(line, []byte("\n")), nil
	}
}
