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
		if err := eachOf(ctx, path, once); err != nil {
			return err
		}
	}
	return nil
}

// eachOf reads one recording, a store or JSON Lines, told apart by content.
func eachOf(ctx context.Context, path string, f func(*record.Record) error) error {
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
	return eachLine(r, path, f)
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

// eachLine reads JSON Lines. Its errors name the line.
func eachLine(r *bufio.Reader, name string, f func(*record.Record) error) error {
	for n := 1; ; n++ {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		rec, err := record.Decode(line)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if err := f(rec); err != nil {
			return err
		}
	}
}

// readLine returns the next line without its end, or io.EOF after the last.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, fmt.Errorf("the line is longer than %d bytes: is this a recording?", maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case err != nil:
			return nil, err
		}
		return line[:len(line)-1], nil
	}
}
