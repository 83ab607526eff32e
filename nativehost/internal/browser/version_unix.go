//go:build unix

package browser

import (
	"context"
	"os/exec"
	"strings"
)

// versionOf asks the program itself.
func versionOf(ctx context.Context, path string) (string, error) {
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}
