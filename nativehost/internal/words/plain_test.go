package words_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"userlike-inspector/nativehost/internal/words"
)

// What the system, the network and decoders say is told in plain words, however deep it is
// wrapped.
func TestPlain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	failed := func(_ any, err error) error { return err }
	open, encrypted := httptest.NewServer(http.NotFoundHandler()), httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(open.Close)
	t.Cleanup(encrypted.Close)
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	listener.Close()
	own := errors.New("it is new")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{own, "it is new"},
		{&fs.PathError{Op: "open", Path: "/a b", Err: own}, `"/a b" cannot be opened: it is new`},
		{failed(os.Open(filepath.Join(dir, "none"))), words.Path(filepath.Join(dir, "none")) + " cannot be opened: there is no such file or folder; check its name"},
		{os.Mkdir(file, 0o700), words.Path(file) + " cannot be made: it is there already; remove it, or choose another name"},
		{&fs.PathError{Op: "mkdir", Path: "/a", Err: fs.ErrPermission}, `"/a" cannot be made: you may not do that; change the permissions of it and its folder, or choose another place`},
		{&os.LinkError{Op: "rename", Old: "/a", New: "/b", Err: fs.ErrPermission}, `"/a" cannot be moved to "/b": you may not do that; change the permissions of it and its folder, or choose another place`},
		{failed(exec.LookPath("no-such-program")), `"no-such-program" cannot be started: there is no such program; install it first, or check its name`},
		{failed(net.Dial("tcp", nobody)), "nothing answers there; start it, or check its address and port"},
		{failed(http.Get("http://" + nobody)), "http://" + nobody + " cannot be reached: nothing answers there; start it, or check its address and port"},
		{failed(http.Get(strings.Replace(open.URL, "http:", "https:", 1))), "does not speak https; try http"},
		{failed(http.Get(encrypted.URL)), "this computer does not know who issued it; add the issuer to the system's certificates"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Name: "a.invalid", IsNotFound: true}}, `there is no host "a.invalid"; check its spelling and your network`},
		{&url.Error{Op: "Post", URL: "http://a.invalid/", Err: context.DeadlineExceeded}, "http://a.invalid/ cannot be reached: no answer came in time; try again later"},
		{context.Canceled, "it was interrupted"},
		{json.Unmarshal([]byte("{'"), new(any)), "it is not valid JSON at byte 2"},
		{json.Unmarshal([]byte(`{"a":1}`), &struct{ A string }{}), "its JSON has another form than expected at byte 6"},
	} {
		got := words.Plain(tt.err)
		if !strings.Contains(got, tt.want) || strings.Contains(got, "tcp") {
			t.Errorf("%v: %s, want %s", tt.err, got, tt.want)
		}
		if wrapped := words.Plain(fmt.Errorf("the plan: %w; 3 before", fmt.Errorf("it: %w", tt.err))); wrapped != "the plan: it: "+got+"; 3 before" {
			t.Errorf("%v wrapped: %s", tt.err, wrapped)
		}
	}
	path := &fs.PathError{Op: "stat", Path: "/a", Err: fs.ErrPermission}
	if got := words.Plain(fmt.Errorf(`store "/a": %w`, path)); !strings.HasPrefix(got, `store "/a": it cannot be found: you may not`) {
		t.Errorf("a place that is named already: %s", got)
	}
	both := errors.Join(&fs.PathError{Op: "read", Path: "/a", Err: syscall.Errno(0)}, context.Canceled)
	if got := words.Plain(both); !strings.HasSuffix(got, "\nit was interrupted") {
		t.Errorf("two errors: %s", got)
	}
}
