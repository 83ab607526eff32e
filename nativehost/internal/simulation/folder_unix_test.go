//go:build unix

package simulation_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
)

// A folder in which other users could have put requests is not used.
func TestAFolderThatOthersMayUseIsRefused(t *testing.T) {
	folder := simulation.Of(filepath.Join(t.TempDir(), "events.db"))
	if err := os.Mkdir(string(folder), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(string(folder), 0o777); err != nil {
		t.Fatal(err)
	}
	err := folder.Put(simulation.Request{ID: "x", Until: record.At(time.Now().Add(time.Hour))})
	if err == nil || !strings.Contains(err.Error(), "not a folder of yours alone") {
		t.Errorf("Put says %v", err)
	}
}
