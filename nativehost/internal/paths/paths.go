// Package paths says where the product keeps its files on each system: the user's data
// (recordings), state (logs) and files that can be made again (cache). All are in folders of
// the product's own.
package paths

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Product names the product's folders.
const Product = "userlike-inspector"

// System is what the places depend on. It is passed in, so that tests can check all systems
// on any of them.
type System struct {
	OS     string // as runtime.GOOS
	Getenv func(string) string
}

// StoreVariable is the environment variable that names the store's file.
const StoreVariable = "USERLIKE_INSPECTOR_STORE"

// Store is the file with the records: $USERLIKE_INSPECTOR_STORE, else
// events.db in the data folder.
func (s System) Store() (string, error) {
	if file := s.Getenv(StoreVariable); file != "" {
		return file, nil
	}
	dir, err := s.Data()
	if err != nil {
		return "", fmt.Errorf("%w, or %s to a file", err, StoreVariable)
	}
	return filepath.Join(dir, "events.db"), nil
}

// Data is the folder for the user's data.
func (s System) Data() (string, error) {
	return s.folder("XDG_DATA_HOME", ".local/share")
}

// State is the folder for logs.
func (s System) State() (string, error) {
	return s.folder("XDG_STATE_HOME", ".local/state")
}

// HostLog is the file in the state folder that the host writes its log to.
func (s System) HostLog() (string, error) {
	dir, err := s.State()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "host.log"), nil
}

// Cache is the folder for files that can be made again.
func (s System) Cache() (string, error) {
	return s.folder("XDG_CACHE_HOME", ".cache")
}

// folder follows the XDG base directory specification on Unix; macOS and
// Windows keep an application's own files in one place each.
func (s System) folder(variable, fallback string) (string, error) {
	switch s.OS {
	case "windows":
		base := s.Getenv("LOCALAPPDATA")
		if base == "" {
			return "", errors.New("no folder for application data: set LOCALAPPDATA")
		}
		return filepath.Join(base, Product), nil
	case "darwin":
		home := s.Getenv("HOME")
		if home == "" {
			return "", errors.New("no home folder: set HOME")
		}
		if fallback == ".cache" {
			return filepath.Join(home, "Library", "Caches", Product), nil
		}
		return filepath.Join(home, "Library", "Application Support", Product), nil
	}
	// The specification says to ignore paths that aren't absolute.
	if base := s.Getenv(variable); strings.HasPrefix(base, "/") {
		return filepath.Join(base, Product), nil
	}
	home := s.Getenv("HOME")
	if home == "" {
		return "", fmt.Errorf("no home folder: set HOME or %s", variable)
	}
	return filepath.Join(home, filepath.FromSlash(fallback), Product), nil
}
