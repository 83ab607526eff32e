package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// actAsProduct makes the test binary be the product. It is in the environment
// of everything the tests start, so that a browser's host is it too.
const actAsProduct = "USERLIKE_INSPECTOR_ACT_AS_PRODUCT"

func TestMain(m *testing.M) {
	if os.Getenv(actAsProduct) != "" {
		main()
	}
	os.Exit(runApart(m))
}

// runApart runs the tests in an environment that has nothing of the user's. It
// is the same for all of them, as they run at the same time: what a test wants
// otherwise, such as a home of its own, it tells what it starts.
func runApart(m *testing.M) int {
	home, err := os.MkdirTemp("", "ui") // short enough for a socket below it
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(home)
	for name, value := range map[string]string{
		"HOME": home, "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "XDG_STATE_HOME": "", actAsProduct: "1",
	} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// TestScript runs the sessions in testdata/script, each in a home of its own.
func TestScript(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			bin := filepath.Join(e.WorkDir, "bin")
			if err := os.Mkdir(bin, 0o700); err != nil {
				return err
			}
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv(actAsProduct, "1")
			return os.Symlink(self, filepath.Join(bin, "userlike-inspector"))
		},
	})
}

// exits is a command for scripts: "exits CODE PROGRAM ARGS…" runs the program
// as exec does and demands that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGS…]")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
