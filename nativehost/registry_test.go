//go:build windows && registry

package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"userlike-inspector/extension"
)

// TestRegistry runs the sessions in testdata/registry, one after the other: they
// write to the user's part of the registry, which they share, and are therefore
// behind a build tag. Chrome, Edge and Firefox are there, as programs of this
// binary's (see stub_test.go).
func TestRegistry(t *testing.T) {
	sessions, err := filepath.Glob("testdata/registry/*.txtar")
	if err != nil || len(sessions) == 0 {
		t.Fatalf("%d sessions: %v", len(sessions), err)
	}
	for _, session := range sessions {
		t.Run(filepath.Base(session), func(t *testing.T) {
			forget(t)
			testscript.RunT(sequential{t}, testscript.Params{
				Files: []string{session},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"exits":        exits,
					"closeconsole": closeConsole,
					"connect":      connect,
					"disconnect":   disconnect,
					"gone":         gone,
					"newer":        newer,
					"registered":   registered,
				},
				Setup: func(e *testscript.Env) error {
					if err := prepare(e); err != nil {
						return err
					}
					programs := filepath.Join(e.WorkDir, "programs")
					e.Setenv("ProgramFiles", programs)
					e.Values[connected{}] = new([]*conversation)
					return plant(programs)
				},
			})
			forget(t)
		})
	}
}

// sequential is a test whose scripts do not run at the same time as others.
type sequential struct{ *testing.T }

func (s sequential) Parallel() {}

func (s sequential) Run(name string, f func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { f(sequential{t}) })
}

func (s sequential) Verbose() bool { return testing.Verbose() }

// keys are where browsers look for the host.
var keys = map[string]string{
	"chrome": `Software\Google\Chrome`, "chromium": `Software\Chromium`, "edge": `Software\Microsoft\Edge`, "firefox": `Software\Mozilla`,
}

// forget removes the host from the registry.
func forget(t *testing.T) {
	for _, key := range keys {
		_ = registry.DeleteKey(registry.CURRENT_USER, key+`\NativeMessagingHosts\`+extension.HostName) // which need not be there
	}
}

// manifestOf is what the registry says to a browser, "" for nothing.
func manifestOf(browser string) string {
	key, err := registry.OpenKey(registry.CURRENT_USER, keys[browser]+`\NativeMessagingHosts\`+extension.HostName, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer key.Close()
	value, _, err := key.GetStringValue("")
	if err != nil {
		return ""
	}
	return value
}

// registered is a command for scripts: "registered BROWSER FILE" demands that the
// registry leads the browser to a manifest there, "! registered BROWSER" to none.
func registered(ts *testscript.TestScript, neg bool, args []string) {
	if neg && len(args) != 1 || !neg && len(args) != 2 {
		ts.Fatalf("usage: registered BROWSER FILE, or ! registered BROWSER")
	}
	want := ""
	if !neg {
		want = ts.MkAbs(args[1])
	}
	if got := manifestOf(args[0]); got != want {
		ts.Fatalf("the registry says %q to %s, want %q", got, args[0], want)
	}
}

// connect is a command for scripts: "connect PROGRAM ARGS…" starts the program as
// a browser starts a host, which greets it and then keeps it until the script is over.
func connect(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: connect PROGRAM [ARGS…]")
	}
	cmd := exec.Command(ts.MkAbs(args[0]), args[1:]...)
	for _, name := range []string{"LOCALAPPDATA", "USERPROFILE", "SYSTEMROOT", "TEMP", "USERLIKE_INSPECTOR_ACT_AS_PRODUCT"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	host, err := begin(cmd)
	ts.Check(err)
	hosts := ts.Value(connected{}).(*[]*conversation)
	*hosts = append(*hosts, host)
	ts.Defer(host.end)
	ts.Check(host.greet("Chrome"))
}

// connected names the hosts that a script has connected with.
type connected struct{}

// disconnect is a command for scripts: "disconnect" closes the connections to the hosts,
// which then end.
func disconnect(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: disconnect")
	}
	for _, host := range *ts.Value(connected{}).(*[]*conversation) {
		host.end()
	}
}

// gone is a command for scripts: "gone FILE…" waits until none of the files is there. It
// looks again and again, as the programs that remove them do not say when they have.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: gone FILE…")
	}
	look, late := time.NewTicker(10*time.Millisecond), time.After(time.Minute)
	defer look.Stop()
	for _, file := range args {
		for {
			_, err := os.Lstat(ts.MkAbs(file))
			if errors.Is(err, fs.ErrNotExist) {
				break
			}
			select {
			case <-look.C:
			case <-late:
				ts.Fatalf("%s is still there: %v", file, err)
			}
		}
	}
}

// closeConsole is a command for scripts: "closeconsole" does to the programs in the
// background what the system does when their console's window is closed, and demands
// that they end by themselves. The system gives them 5 s, and waiting for pages 30 s; a
// busy machine takes something between.
func closeConsole(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: closeconsole")
	}
	// Where the system begins a thread in each of the console's programs.
	routine := windows.NewLazySystemDLL("kernel32.dll").NewProc("CtrlRoutine")
	ts.Check(routine.Find())
	create := windows.NewLazySystemDLL("kernel32.dll").NewProc("CreateRemoteThread")
	for _, cmd := range ts.BackgroundCmds() {
		process, err := windows.OpenProcess(windows.PROCESS_ALL_ACCESS|windows.SYNCHRONIZE, false, uint32(cmd.Process.Pid))
		ts.Check(err)
		defer windows.CloseHandle(process)
		thread, _, err := create.Call(uintptr(process), 0, 0, routine.Addr(), windows.CTRL_CLOSE_EVENT, 0, 0)
		if thread == 0 {
			ts.Fatalf("closing the console: %v", err)
		}
		windows.CloseHandle(windows.Handle(thread))
		if event, err := windows.WaitForSingleObject(process, 20_000); event != windows.WAIT_OBJECT_0 {
			_ = windows.TerminateProcess(process, 1)
			ts.Fatalf("the system has to end %s: %v", cmd, err)
		}
	}
}

// newer is a command for scripts: "newer PROGRAM COPY" makes another version of a program.
func newer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: newer PROGRAM COPY")
	}
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), append(b, 0), 0o700))
}
