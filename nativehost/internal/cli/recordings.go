package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

const (
	// maxLine bounds a line of JSON Lines, in bytes: larger than any record
	// that a browser can hand over.
	maxLine = 64 << 20
	// page is how many records are read from a store at a time.
	page = 1000
)

// each calls f for every record of the recordings, or of the store when none
// is named, in order of arrival; a record met twice counts once.
func (a *app) each(ctx context.Context, recordings []string, f func(*record.Record) error) error {
	if len(recordings) == 0 {
		path, err := a.storePath()
		if err != nil {
			return err
		}
		return eachStored(ctx, path, 0, f)
	}
	seen := map[string]bool{}
	once := func(r *record.Record) error {
		if seen[r.ID] {
			return nil
		}
		seen[r.ID] = true
		return f(r)
	}
	for _, path := range recordings {
		if err := eachOf(ctx, path, refuseAny, once); err != nil {
			return err
		}
	}
	return nil
}

// refuseAny makes a single bad line the end of reading.
func refuseAny(err error) error { return err }

// eachOf reads one recording, a store or JSON Lines, told apart by content. What
// is wrong with a line goes to bad, which says by its error whether to go on.
func eachOf(ctx context.Context, path string, bad func(error) error, f func(*record.Record) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 64<<10)
	const magic = "SQLite format 3\x00"
	if head, err := r.Peek(len(magic)); err == nil && string(head) == magic {
		// Closed first: a later close would drop the locks that SQLite holds
		// on the file in this process.
		file.Close()
		return eachStored(ctx, path, 0, f)
	}
	return eachLine(r, path, bad, f)
}

// eachStored reads a store from behind row after.
func eachStored(ctx context.Context, path string, after int64, f func(*record.Record) error) error {
	s, err := store.OpenExisting(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	return eachAfter(ctx, s, after, f)
}

func eachAfter(ctx context.Context, s *store.Store, after int64, f func(*record.Record) error) error {
	for {
		stored, err := s.After(ctx, after, page)
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
			after = one.Row
		}
	}
}

// eachLine reads JSON Lines. Its errors name the line; those about a line alone
// go to bad.
func eachLine(r *bufio.Reader, name string, bad func(error) error, f func(*record.Record) error) error {
	for n := 1; ; n++ {
		line, err := readLine(r)
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff")) // as some editors and shells put it there
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var rec *record.Record
		if err == nil {
			rec, err = record.Decode(line)
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
