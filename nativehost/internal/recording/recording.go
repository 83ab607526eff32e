// Package recording reads recordings, which are stores or JSON Lines, or parts of
// them, and writes them as JSON Lines, as CSV, or with a seal.
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
	// maxLine bounds a line of JSON Lines, in bytes: larger than any record
	// that a browser can hand over.
	maxLine = 64 << 20
	// Page is how many records are read from a store, or written to one, at a time.
	Page = 1000
)

// Each calls f for every record of the recordings at paths, in order of arrival: that
// of a file and, among several, by when the records were received. A record met twice
// counts once.
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

// merge calls f for the records of several files, always for the one that was received
// first of those that are next in theirs. One that does not say is as early as the one
// before it; of files that never say, the first goes first.
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
			}); err != nil && err != stopped { //nolint:errorlint // it is this very one
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

// refuseAny makes a single bad line the end of reading.
func refuseAny(err error) error { return err }

// EachOf reads one recording, a store or JSON Lines, told apart by content. What
// is wrong with a line goes to bad, which says by its error whether to go on.
func EachOf(ctx context.Context, path string, bad func(error) error, f func(*record.Record) error) error {
	file, err := files.Open(path)
	if err != nil {
		return files.Unreadable("recording", path, err)
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 64<<10)
	const magic = "SQLite format 3\x00"
	if head, err := r.Peek(len(magic)); err == nil && string(head) == magic {
		// Closed first: a later close would drop the locks that SQLite holds
		// on the file in this process.
		file.Close()
		return eachOfStore(ctx, path, f)
	}
	return eachLine(files.NewTextReader(r), path, bad, f)
}

func eachOfStore(ctx context.Context, path string, f func(*record.Record) error) error {
	s, err := store.OpenRecording(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	return EachAfter(ctx, s, 0, f)
}

// EachAfter calls f for every record of s behind a row.
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

// eachLine reads JSON Lines. Its errors name the line; those about a line alone
// go to bad.
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

// readLine returns the next line without its end, or io.EOF after the last.
// Of a line that is too long nothing is returned but errLongLine.
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
