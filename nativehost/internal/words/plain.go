package words

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Plain is an error's text for people. If err wraps an error of the system, the network or a
// decoder ("open /a/b: not a directory", "dial tcp …"), plain words and what to do replace
// that one's text. Every error is shown by this function, so code that wraps errors need not
// do this.
func Plain(err error) string {
	text := err.Error()
	for _, raw := range foreign(err) {
		if before, after, shown := strings.Cut(text, raw.Error()); shown {
			text = before + inWords(raw, before) + after
		}
	}
	return text
}

// foreign are the outermost errors within err that this program has not made itself.
func foreign(err error) []error {
	switch err := err.(type) { //nolint:errorlint // each level is looked at by itself
	case nil:
		return nil
	case *fs.PathError, *os.LinkError, *os.SyscallError, *exec.Error, *exec.ExitError, *url.Error, *net.OpError, *net.DNSError, *net.AddrError, syscall.Errno,
		*json.SyntaxError, *json.UnmarshalTypeError, *tls.CertificateVerificationError:
		return []error{err}
	case interface{ Unwrap() error }:
		return foreign(err.Unwrap())
	case interface{ Unwrap() []error }:
		var all []error
		for _, one := range err.Unwrap() {
			all = append(all, foreign(one)...)
		}
		return all
	}
	if Reason(err) != err.Error() {
		return []error{err}
	}
	return nil
}

// inWords is the text of such an error with the place that it names, unless the text before
// names it already.
func inWords(err error, before string) string {
	switch err := err.(type) { //nolint:errorlint // foreign has found these types
	case *fs.PathError:
		done, known := map[string]string{
			"mkdir": "made", "mkdirtemp": "made", "createtemp": "written", "write": "written", "sync": "written", "truncate": "written", "chmod": "changed",
			"remove": "removed", "unlink": "removed", "unlinkat": "removed", "RemoveAll": "removed", "rmdir": "removed",
			"open": "opened", "stat": "found", "lstat": "found", "read": "read", "readdirent": "read", "fork/exec": "started",
		}[err.Op]
		if !known {
			done = "used"
		}
		place := Path(err.Path)
		if strings.Contains(before, place) {
			place = "it"
		}
		return fmt.Sprintf("%s cannot be %s: %s", place, done, Reason(err.Err))
	case *os.LinkError:
		return fmt.Sprintf("%s cannot be moved to %s: %s", Path(err.Old), Path(err.New), Reason(err.Err))
	case *exec.Error:
		return fmt.Sprintf("%s cannot be started: %s", Path(err.Name), Reason(err.Err))
	case *url.Error:
		place, reason := Address(err.URL), Reason(err.Err)
		if u, bad := url.Parse(err.URL); bad == nil && strings.Contains(before, u.Host) {
			place = "it"
		}
		switch {
		case errors.Is(err, io.EOF):
			reason = broken
		case strings.Contains(reason, "malformed HTTP"): // net/http has no type for it
			reason = "what answers there does not speak HTTP; check the address and port"
		}
		return fmt.Sprintf("%s cannot be reached: %s", place, reason)
	}
	return Reason(err)
}

// Reason says in plain words why something failed and what to do. It leaves out the place,
// which the caller names. Errors that are not known here keep the system's words.
func Reason(err error) string {
	var host *net.DNSError
	var code syscall.Errno
	var syntax *json.SyntaxError
	var form *json.UnmarshalTypeError
	var ended *exec.ExitError
	var untrusted *tls.CertificateVerificationError
	var plainly tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &host) && host.IsNotFound:
		return fmt.Sprintf("there is no host %s; check its spelling and your network", Quote(host.Name))
	case errors.As(err, &host):
		return fmt.Sprintf("the network does not say where the host %s is; check your network", Quote(host.Name))
	case errors.As(err, &untrusted):
		return "its certificate is not trusted: " + certificate(untrusted.Err)
	case errors.As(err, &plainly), errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak https; try http"
	case errors.Is(err, context.Canceled):
		return "it was interrupted"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer came in time; try again later"
	case errors.As(err, &code) && errnos[code] != "":
		return errnos[code]
	case errors.Is(err, exec.ErrNotFound):
		return "there is no such program; install it first, or check its name"
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file or folder; check its name"
	case errors.Is(err, fs.ErrPermission):
		return noPermission
	case errors.Is(err, fs.ErrExist):
		return "it is there already; remove it, or choose another name"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "it ends too early"
	case errors.As(err, &syntax):
		return fmt.Sprintf("it is not valid JSON at byte %d", syntax.Offset)
	case errors.As(err, &form):
		return fmt.Sprintf("its JSON has another form than expected at byte %d", form.Offset)
	case errors.As(err, &ended) && ended.ExitCode() >= 0:
		return fmt.Sprintf("it ended with code %d", ended.ExitCode())
	case errors.As(err, &code):
		return code.Error()
	}
	return err.Error()
}

const noPermission = "you may not do that; change the permissions of it and its folder, or choose another place"

// certificate says what is wrong with a server's certificate.
func certificate(err error) string {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	switch {
	case errors.As(err, &name):
		return "it is another host's; check the address"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired, or this computer's clock is wrong"
	}
	return "this computer does not know who issued it; add the issuer to the system's certificates"
}

// Reasons that each system has a code of its own for.
const (
	notFolder   = "a part of its path is a file, not a folder; check the path"
	full        = "the disk is full; free some space on it, or choose another place"
	readOnly    = "that disk can only be read; choose another place"
	refused     = "nothing answers there; start it, or check its address and port"
	broken      = "the other side closed the connection; try again"
	unreachable = "no network leads there; check the address and your network"
)
