// Package producttest makes the binary of a test act as the product, so that tests can run
// the product as a separate process, and browsers can start it as their host. Only tests use
// it.
package producttest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"userlike-inspector/nativehost/internal/cli"
)

// Env is the environment variable that makes the test's binary act as the product. All
// processes that the tests start have it.
const Env = "USERLIKE_INSPECTOR_ACT_AS_PRODUCT"

// Main is called by a package's TestMain. It does not return.
func Main(m *testing.M) {
	if os.Getenv(Env) != "" {
		os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(runApart(m))
}

// runApart runs the tests in an environment without anything of the user. All tests share
// it, as they run at the same time. A test that needs something else, such as a home folder
// of its own, passes it to the processes that it starts.
func runApart(m *testing.M) int {
	home, err := os.MkdirTemp("", "ui") // short, because the path of a socket in it has a limited length
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(home)
	for name, value := range map[string]string{
		"HOME": home, "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "XDG_STATE_HOME": "", Env: "1",
		"USERPROFILE": home, "LOCALAPPDATA": filepath.Join(home, "AppData", "Local"), // on Windows
	} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}
