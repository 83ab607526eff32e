// Package producttest lets a test's binary be the product, so that tests run it
// as a process of its own, and browsers start it as their host. It is used in
// tests alone.
package producttest

import (
	"fmt"
	"os"
	"testing"

	"userlike-inspector/nativehost/internal/cli"
)

// Env is the variable that makes the test's binary the product. It is in the
// environment of everything that the tests start.
const Env = "USERLIKE_INSPECTOR_ACT_AS_PRODUCT"

// Main is what a package's TestMain calls. It does not return.
func Main(m *testing.M) {
	if os.Getenv(Env) != "" {
		os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
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
		"HOME": home, "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "XDG_STATE_HOME": "", Env: "1",
	} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}
