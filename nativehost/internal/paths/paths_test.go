package paths_test

import (
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/paths"
)

func TestStore(t *testing.T) {
	for _, tt := range []struct {
		name, os, want, wantErr string
		env                     map[string]string
	}{
		{name: "variable", os: "linux", env: map[string]string{"USERLIKE_INSPECTOR_STORE": "/x/y.db", "HOME": "/home/a"}, want: "/x/y.db"},
		{name: "linux", os: "linux", env: map[string]string{"HOME": "/home/a"}, want: "/home/a/.local/share/userlike-inspector/events.db"},
		{
			name: "xdg",
			os:   "linux",
			env:  map[string]string{"HOME": "/home/a", "XDG_DATA_HOME": "/data"},
			want: "/data/userlike-inspector/events.db",
		},
		{
			name: "relative xdg",
			os:   "linux",
			env:  map[string]string{"HOME": "/home/a", "XDG_DATA_HOME": "data"},
			want: "/home/a/.local/share/userlike-inspector/events.db",
		},
		{
			name: "macOS",
			os:   "darwin",
			env:  map[string]string{"HOME": "/Users/a"},
			want: "/Users/a/Library/Application Support/userlike-inspector/events.db",
		},
		{
			name: "Windows",
			os:   "windows",
			env:  map[string]string{"LOCALAPPDATA": "/c/Users/a/AppData/Local"},
			want: "/c/Users/a/AppData/Local/userlike-inspector/events.db",
		},
		{name: "linux, no home", os: "linux", wantErr: "set HOME or XDG_DATA_HOME, or USERLIKE_INSPECTOR_STORE to a file"},
		{name: "macOS, no home", os: "darwin", wantErr: "set HOME"},
		{name: "Windows, no folder", os: "windows", wantErr: "set LOCALAPPDATA"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := paths.System{OS: tt.os, Getenv: func(k string) string { return tt.env[k] }}.Store()
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Fatalf("error %v, want %q", err, tt.wantErr)
				}
				return
			}
			if err != nil || filepath.ToSlash(got) != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
