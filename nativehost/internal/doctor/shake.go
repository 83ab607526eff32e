package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/disk"
	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
)

// shake starts the host as a browser does, says hello, and returns the version
// that it answers with. It sends no record, so that nothing is stored.
func shake(ctx context.Context, patience time.Duration, path string, args []string) (version string, state glossary.Code, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second // for processes that it may have started
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", glossary.HostUnusable, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", glossary.HostUnusable, err
	}
	if err := cmd.Start(); err != nil {
		return "", glossary.HostUnusable, err
	}
	// This fails if the program does not read. Then it does not answer either.
	_ = wire.WriteFrame(in, wire.FromExtension{Type: wire.Hello, Protocol: wire.Protocol, Extension: extension.Version})
	frame, readErr := wire.ReadFrame(out)
	in.Close()
	if readErr != nil && !errors.Is(readErr, io.EOF) && !errors.Is(readErr, io.ErrUnexpectedEOF) {
		cancel() // end it: what it says cannot be understood
	}
	waitErr := cmd.Wait()
	switch {
	case readErr == nil:
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", glossary.HostSilent, fmt.Errorf("%s said nothing in %v", path, patience)
	case ctx.Err() != nil:
		return "", glossary.HostCrashed, fmt.Errorf("%s: %w%s", path, readErr, said(stderr.String()))
	default:
		return "", glossary.HostCrashed, fmt.Errorf("%s: %w%s", path, orEnded(waitErr), said(stderr.String()))
	}
	var answer wire.FromHost
	if err := json.Unmarshal(frame, &answer); err != nil {
		return "", glossary.HostCrashed, fmt.Errorf("%s answers %s, which is not in the protocol's JSON", path, words.Quote(string(frame)))
	}
	switch answer.Type {
	case wire.Welcome:
		return answer.Host, glossary.Fine, nil
	case wire.Refused:
		return "", glossary.HostOther, errors.New(answer.Message)
	}
	return "", glossary.HostCrashed, fmt.Errorf("%s answers with %s instead of %s", path, words.Quote(answer.Type), words.Quote(wire.Welcome))
}

func orEnded(err error) error {
	if err == nil {
		return errors.New("it ended")
	}
	return err
}

// said is the last line that a program wrote to stderr, for an error.
func said(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + words.Quote(last)
	}
	return ""
}

// freeSpace is how many bytes this user may still write on the disk of dir.
func freeSpace(dir string) (uint64, error) {
	free, err := disk.Free(dir)
	if err != nil {
		return 0, &os.PathError{Op: "free space of", Path: dir, Err: err}
	}
	return free, nil
}
