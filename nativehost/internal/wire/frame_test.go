package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"userlike-inspector/nativehost/internal/wire"
)

func frame(size uint32, body string) []byte {
	return append(binary.NativeEndian.AppendUint32(nil, size), body...)
}

func TestReadFrame(t *testing.T) {
	big := strings.Repeat("x", 300<<10)
	for _, tt := range []struct {
		name, want, wantErr string
		in                  []byte
	}{
		{name: "one", in: frame(2, "{}"), want: "{}"},
		{name: "empty body", in: frame(0, ""), want: ""},
		{name: "larger than the first allocation", in: frame(uint32(len(big)), big), want: big},
		{name: "end between messages", in: nil, wantErr: "EOF"},
		{name: "end within the length", in: []byte{1, 0}, wantErr: "within a message's length"},
		{name: "end before the body", in: frame(9, ""), wantErr: "after 0 of a message's 9 bytes"},
		{name: "end within the body", in: frame(9, "{}"), wantErr: "after 2 of a message's 9 bytes"},
		{name: "too large", in: frame(wire.MaxFromExtension+1, "{}"), wantErr: "at most 67108864"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := wire.ReadFrame(iotest.OneByteReader(bytes.NewReader(tt.in)))
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Fatalf("error %v, want one with %q", err, tt.wantErr)
				}
				if clean := errors.Is(err, io.EOF); clean != (len(tt.in) == 0) {
					t.Errorf("io.EOF: %v, but only the end between messages is clean", clean)
				}
				return
			}
			if err != nil || string(got) != tt.want {
				t.Fatalf("got %d bytes, %v; want %d bytes", len(got), err, len(tt.want))
			}
		})
	}
}

// ReadFrame does not allocate memory for a large length before the bytes arrive.
func TestReadFrameAllocatesWhatArrives(t *testing.T) {
	in := frame(wire.MaxFromExtension, "{}")
	perRun := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			wire.ReadFrame(bytes.NewReader(in))
		}
	}).AllocedBytesPerOp()
	if perRun > 1<<20 {
		t.Errorf("%d bytes were allocated for a message of 2", perRun)
	}
}

func TestWriteFrame(t *testing.T) {
	var out bytes.Buffer
	if err := wire.WriteFrame(&out, wire.FromHost{Type: wire.Ack, Records: []wire.Verdict{{ID: "d/1"}}}); err != nil {
		t.Fatal(err)
	}
	got, err := wire.ReadFrame(&out)
	want := `{"type":"ack","records":[{"id":"d/1","error":0,"warning":0,"info":0}]}`
	if err != nil || string(got) != want {
		t.Fatalf("got %s, %v; want %s", got, err, want)
	}
	if err := wire.WriteFrame(&out, strings.Repeat("x", wire.MaxFromHost)); err == nil || out.Len() != 0 {
		t.Errorf("a message over the browser's limit: error %v, %d bytes written", err, out.Len())
	}
}

// Whatever the bytes, reading ends, and what was read is written back the same.
func FuzzReadFrame(f *testing.F) {
	f.Add(frame(2, "{}"))
	f.Add(append(frame(2, "{}"), frame(3, "[1]")...))
	f.Add([]byte{1, 0})
	f.Add(frame(1<<31, "{"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		var read []byte
		for {
			body, err := wire.ReadFrame(r)
			if err != nil {
				break
			}
			read = append(read, frame(uint32(len(body)), string(body))...)
		}
		if !bytes.HasPrefix(in, read) {
			t.Errorf("frames read are not the frames sent")
		}
	})
}
