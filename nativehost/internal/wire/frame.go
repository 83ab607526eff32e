// Package wire speaks native messaging: each message is its length in bytes, a
// 32-bit number in the machine's own byte order, and that much JSON in UTF-8
// (https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging).
package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// MaxFromExtension is the largest message a browser sends, in bytes.
	MaxFromExtension = 64 << 20
	// MaxFromHost is the largest message a browser takes, in bytes; a larger
	// one makes it close the connection.
	MaxFromHost = 1 << 20
)

// firstRead is how many bytes are allocated because of a message's length alone. More is
// allocated only as bytes really arrive.
const firstRead = 64 << 10

// ReadFrame reads one message's JSON. It returns io.EOF when the stream ends between
// messages, as a browser ends the conversation. After any other error the stream cannot be
// read further, because it is not known where the next message begins.
func ReadFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("the stream ended within a message's length: %w", err)
		}
		return nil, err
	}
	size := binary.NativeEndian.Uint32(head[:])
	if size > MaxFromExtension {
		return nil, fmt.Errorf("a message of %d bytes is announced, at most %d are allowed", size, MaxFromExtension)
	}
	body := make([]byte, 0, min(int(size), firstRead))
	for len(body) < int(size) {
		chunk := min(int(size)-len(body), max(firstRead, len(body)))
		body = append(body, make([]byte, chunk)...)
		if n, err := io.ReadFull(r, body[len(body)-chunk:]); err != nil {
			got := len(body) - chunk + n
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, fmt.Errorf("the stream ended after %d of a message's %d bytes: %w", got, size, err)
		}
	}
	return body, nil
}

// WriteFrame writes m as one message, in one Write.
func WriteFrame(w io.Writer, m any) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding a message to the browser: %w", err)
	}
	if len(body) > MaxFromHost {
		return fmt.Errorf("a message of %d bytes to the browser, which takes at most %d", len(body), MaxFromHost)
	}
	frame := binary.NativeEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	if _, err := w.Write(append(frame, body...)); err != nil {
		return fmt.Errorf("writing to the browser: %w", err)
	}
	return nil
}
