package recording

import (
	"bufio"
	"fmt"
	"io"

	"userlike-inspector/nativehost/internal/record"
)

// Writer writes records as text.
type Writer struct {
	out    *bufio.Writer
	head   []byte // to be written before the first record
	encode func(*record.Record) ([]byte, error)
}

// NewLines writes JSON Lines to w.
func NewLines(w io.Writer) *Writer {
	return &Writer{out: bufio.NewWriterSize(w, 64<<10), encode: func(r *record.Record) ([]byte, error) {
		line, err := record.Encode(r)
		return append(line, '\n'), err
	}}
}

// NewCSV writes CSV to w. The column names are written even if there are no records.
func NewCSV(w io.Writer) *Writer {
	columns := csvColumns()
	return &Writer{out: bufio.NewWriterSize(w, 64<<10), head: csvHeader(columns), encode: func(r *record.Record) ([]byte, error) {
		return csvLine(columns, r), nil
	}}
}

// Add writes a record.
func (w *Writer) Add(r *record.Record) error {
	line, err := w.encode(r)
	if err != nil {
		return err
	}
	return w.write(line)
}

// write writes a line, and the head before it.
func (w *Writer) write(line []byte) error {
	_, err := w.out.Write(w.head)
	w.head = nil
	if err == nil {
		_, err = w.out.Write(line)
	}
	if err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	return nil
}

// Flush writes what is still in memory.
func (w *Writer) Flush() error {
	if err := w.write(nil); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	return nil
}
