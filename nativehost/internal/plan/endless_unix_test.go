//go:build unix

package plan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/plan"
)

// Reading a file that never ends, such as /dev/zero, stops at the size limit.
func TestEndless(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(file, []byte("custom_data: {$ref: /dev/zero}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, "/dev/zero"} {
		if _, err := plan.Load(path); err == nil || !strings.Contains(err.Error(), "/dev/zero cannot be read: it is a device, not an ordinary file") {
			t.Errorf("%s: error %v", path, err)
		}
	}
}
