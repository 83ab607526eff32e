package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"userlike-inspector/nativehost/internal/otlp"
	"userlike-inspector/nativehost/internal/record"
)

// lines writes records as text.
type lines struct {
	out    *bufio.Writer
	head   []byte // to be written before the first record
	encode func(*record.Record) ([]byte, error)
}

// newLines writes JSON Lines to w.
func newLines(w io.Writer) *lines {
	return &lines{out: bufio.NewWriterSize(w, 64<<10), encode: func(r *record.Record) ([]byte, error) {
		line, err := record.Encode(r)
		return append(line, '\n'), err
	}}
}

// newCSV writes CSV to w, which has a head even if it has no records.
func newCSV(w io.Writer) *lines {
	columns := csvColumns()
	return &lines{out: bufio.NewWriterSize(w, 64<<10), head: csvHeader(columns), encode: func(r *record.Record) ([]byte, error) {
		return csvLine(columns, r), nil
	}}
}

func (l *lines) add(_ context.Context, r *record.Record) error {
	line, err := l.encode(r)
	if err != nil {
		return err
	}
	return l.write(line)
}

// write writes a line, and the head before it.
func (l *lines) write(line []byte) error {
	_, err := l.out.Write(l.head)
	l.head = nil
	if err == nil {
		_, err = l.out.Write(line)
	}
	if err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	return nil
}

func (l *lines) flush(context.Context) error {
	if err := l.write(nil); err != nil {
		return err
	}
	if err := l.out.Flush(); err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	return nil
}

// toCollector sends records to an OpenTelemetry collector.
type toCollector struct{ sender *otlp.Sender }

func (c toCollector) add(ctx context.Context, r *record.Record) error {
	return toldOfCollector(c.sender.Add(ctx, r))
}

func (c toCollector) flush(ctx context.Context) error { return toldOfCollector(c.sender.Flush(ctx)) }

func toldOfCollector(err error) error {
	if err != nil {
		return fmt.Errorf("the collector did not take the records: %w", err)
	}
	return nil
}
