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
)

// shake starts the host as a browser does, says hello, and returns the version
// that it answers with. It sends no record, so that nothing is stored.
func shake(ctx context.Context, patience time.Duration, path string, args []string) (version string, state glossary.Code, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second // for what it may have started
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
	// An error of this is of one who doesn't read, and then doesn't answer.
	_ = wire.WriteFrame(in, wire.FromExtension{Type: wire.Hello, Protocol: wire.Protocol, Extension: extension.Version})
	frame, readErr := wire.ReadFrame(out)
	in.Close()
	if readErr != nil && !errors.Is(readErr, io.EOF) && !errors.Is(readErr, io.ErrUnexpectedEOF) {
		cancel() // it goes on, but has nothing to say that could be understood
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
		return "", glossary.HostCrashed, fmt.Errorf("%s answers %.80q, which is not JSON of the protocol", path, frame)
	}
	switch answer.Type {
	case wire.Welcome:
		return answer.Host, glossary.Fine, nil
	case wire.Refused:
		return "", glossary.HostOther, errors.New(answer.Message)
	}
	return "", glossary.HostCrashed, fmt.Errorf("%s answers with %q, want %q", path, answer.Type, wire.Welcome)
}

func orEnded(err error) error {
	if err == nil {
		return errors.New("it ended")
	}
	return err
}

// said is the last line of what a program complained of, for an error.
func said(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return fmt.Sprintf(": %q", last)
	}
	return ""
}

// freeSpace is how many bytes this user may still write where dir is.
func freeSpace(dir string) (uint64, error) {
	free, err := disk.Free(dir)
	if err != nil {
		return 0, &os.PathError{Op: "free space of", Path: dir, Err: err}
	}
	return free, nil
}
