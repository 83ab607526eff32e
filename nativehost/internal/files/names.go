package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// InHome replaces ~/ at the beginning of a typed path, on Windows also ~\, by the user's home
// folder, as a shell does.
func InHome(path string) (string, error) {
	if len(path) < 2 || path[0] != '~' || !os.IsPathSeparator(path[1]) {
		return path, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, path[2:]), err
}

// Matches expands * and ? in typed names to the files that match, for systems whose shell
// does not do that.
func Matches(names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		name, err := InHome(name)
		if err != nil {
			return nil, err
		}
		if _, err := os.Lstat(name); err == nil || !strings.ContainsAny(name, "*?") {
			all = append(all, name)
			continue
		}
		matches, err := filepath.Glob(name)
		if err != nil || len(matches) == 0 {
			return nil, fmt.Errorf("no file is called like %s; check its name and folder", name)
		}
		all = append(all, matches...)
	}
	return all, nil
}
